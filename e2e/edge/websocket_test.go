// Package edge tests the HTTP edge: connections and requests as no well-behaved client sends them, and those that few clients need.
package edge

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"atoll.dev/e2e/harness"
)

const patience = 30 * time.Second

// secure is the client's side of TLS, with its certificate if that is how the kubeconfig lets it in.
func secure(t *testing.T, config *rest.Config) *tls.Config {
	t.Helper()
	c, err := rest.TLSConfigFor(config)
	if err != nil {
		t.Fatal(err)
	}
	c.NextProtos = []string{"http/1.1"}
	return c
}

func address(t *testing.T, config *rest.Config) *url.URL {
	t.Helper()
	u, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

type event struct {
	Type   string
	Object struct {
		Kind     string
		Metadata struct{ Name string }
	}
}

// dial opens a WebSocket on a watch of the ConfigMaps in `default`.
func dial(t *testing.T, config *rest.Config, query string, change func(*websocket.Config)) (*websocket.Conn, error) {
	t.Helper()
	u := address(t, config)
	u.Scheme, u.Path, u.RawQuery = "wss", u.Path+"/api/v1/namespaces/default/configmaps", "watch=1&"+query
	c, err := websocket.NewConfig(u.String(), "https://console.example")
	if err != nil {
		t.Fatal(err)
	}
	c.TlsConfig = secure(t, config)
	if config.BearerToken != "" {
		c.Header = http.Header{"Authorization": {"Bearer " + config.BearerToken}}
	}
	if change != nil {
		change(c)
	}
	conn, err := websocket.DialConfig(c)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	return conn, err
}

// await reads messages until one is about `name`.
func await(t *testing.T, conn *websocket.Conn, kind, name string) {
	t.Helper()
	for {
		var text string
		if err := websocket.Message.Receive(conn, &text); err != nil {
			t.Fatalf("waiting for %s %s: %v", kind, name, err)
		}
		var e event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatalf("a message is not one event: %v: %s", err, text)
		}
		if e.Type == kind && e.Object.Metadata.Name == name {
			return
		}
	}
}

func TestWebSocketWatch(t *testing.T) {
	for name, flags := range map[string][]string{"one process": nil, "fleet": {"--shards", "2"}} {
		t.Run(name, func(t *testing.T) {
			s := harness.Start(t, flags...)
			ctx := harness.Context(t)
			config := s.Config(t, "base", "root")
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			made := 0
			create := func() string {
				made++
				name := fmt.Sprintf("ws-%d", made)
				if _, err := client.CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
					t.Fatal(err)
				}
				return name
			}
			token := "base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte(config.BearerToken))
			for form, change := range map[string]func(*websocket.Config){
				"plain":        nil,
				"sub-protocol": func(c *websocket.Config) { c.Protocol = []string{"base64.binary.k8s.io"} },
				"token as a sub-protocol": func(c *websocket.Config) {
					c.Header.Del("Authorization")
					c.Protocol = []string{token, "base64.binary.k8s.io"}
				},
			} {
				t.Run(form, func(t *testing.T) {
					if config.BearerToken == "" && strings.HasPrefix(form, "token") {
						t.Skip("the administrator of a fleet has a certificate")
					}
					conn, err := dial(t, config, "", change)
					if err != nil {
						t.Fatal(err)
					}
					if got := conn.Config().Protocol; len(got) == 1 && strings.HasPrefix(got[0], token) {
						t.Error("the answer repeats the token")
					}
					await(t, conn, "ADDED", "kube-root-ca.crt")
					created := create()
					await(t, conn, "ADDED", created)
					if err := client.CoreV1().ConfigMaps("default").Delete(ctx, created, metav1.DeleteOptions{}); err != nil {
						t.Fatal(err)
					}
					await(t, conn, "DELETED", created)
				})
			}
			t.Run("ends in time", func(t *testing.T) {
				conn, err := dial(t, config, "timeoutSeconds=1", nil)
				if err != nil {
					t.Fatal(err)
				}
				var text string
				for err == nil {
					err = websocket.Message.Receive(conn, &text)
				}
				if err != io.EOF {
					t.Errorf("the end is no closing frame: %v", err)
				}
			})
			t.Run("refusals", func(t *testing.T) { refusals(t, config, token) })
		})
	}
}

// refusals sends handshakes that no library would.
func refusals(t *testing.T, config *rest.Config, token string) {
	u := address(t, config)
	bearer := ""
	if config.BearerToken != "" {
		bearer = "Authorization: Bearer " + config.BearerToken + "\r\n"
	}
	const origin, key, version = "Origin: https://o.example\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Version: 13\r\n"
	for _, c := range []struct {
		name, headers string
		code          int
		anonymous     bool // says who asks otherwise, or not at all
	}{
		{"good", bearer + origin + key + version, 101, false},
		{"no origin", bearer + key + version, 403, false},
		{"null origin", bearer + "Origin: null\r\n" + key + version, 403, false},
		{"no key", bearer + origin + version, 400, false},
		{"an old version", bearer + origin + key + "Sec-WebSocket-Version: 8\r\n", 400, false},
		{"two sub-protocols", bearer + origin + key + version + "Sec-WebSocket-Protocol: a, b\r\n", 400, false},
		{"a token alone", origin + key + version + "Sec-WebSocket-Protocol: " + token + "\r\n", 401, true},
		{"a wrong token", origin + key + version + "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.QQ, a\r\n", 401, true},
		{"nobody", origin + key + version, 403, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.anonymous && bearer == "" {
				t.Skip("a certificate says who asks")
			}
			conn, err := tls.Dial("tcp", u.Host, secure(t, config))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "GET %s/api/v1/namespaces/default/configmaps?watch=1 HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n%s\r\n", u.Path, u.Host, c.headers)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != c.code {
				t.Errorf("answered %s, want %d", response.Status, c.code)
			}
		})
	}
}
