package edge

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"k8s.io/client-go/rest"

	"atoll.dev/e2e/harness"
)

func connect(t *testing.T, config *rest.Config, protocol string) *tls.Conn {
	t.Helper()
	c := secure(t, config)
	c.NextProtos = []string{protocol}
	conn, err := tls.Dial("tcp", address(t, config).Host, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// What the reference answers to the same bytes, but where it lets two readers of a request disagree.
func TestOddRequests(t *testing.T) {
	s := harness.Start(t)
	config := s.Config(t, "base", "")
	auth := "Authorization: Bearer " + config.BearerToken + "\r\n"
	const (
		core     = "/clusters/root/api/v1"
		object   = core + "/namespaces/default"
		maps     = object + "/configmaps"
		noMethod = "the server does not allow this method on the requested resource"
		noPath   = "the server could not find the requested resource"
	)
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + auth + "\r\n" }
	with := func(method, path, headers, body string) string {
		return method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + auth + headers + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
	}
	raw := func(method, path, headers, body string) string {
		return method + " " + path + " HTTP/1.1\r\n" + headers + "\r\n" + body
	}
	const host = "Host: h\r\n"

	for _, c := range []struct {
		name, send string
		code       int
		message    string // of the Status, or what the text holds
	}{
		{"unknown resource", get(core + "/zzz"), 404, noPath},
		{"unknown group", get("/clusters/root/apis/zzz.example/v1/things"), 404, "404 page not found"},
		{"unknown subresource", get(object + "/zzz"), 404, noPath},
		{"POST to an object", with("POST", object, "", "{}"), 405, noMethod},
		{"PUT to a collection", with("PUT", core+"/namespaces", "", "{}"), 405, noMethod},
		{"PATCH of a collection", with("PATCH", core+"/namespaces", "", "{}"), 405, noMethod},
		{"OPTIONS", with("OPTIONS", object, "", ""), 405, noMethod},
		{"TRACE", with("TRACE", object, "", ""), 405, noMethod},
		{"CONNECT", with("CONNECT", object, "", ""), 405, noMethod},
		{"an unknown method", with("BREW", object, "", ""), 405, noMethod},
		{"a method that is none", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, ""},
		{"an authority for a target", with("CONNECT", "h:443", "", ""), 400, ""},
		{"Accept", raw("GET", object, host+auth+"Accept: text/zzz\r\n", ""), 406, "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"Content-Type", with("POST", core+"/namespaces", "Content-Type: text/zzz\r\n", "{}"), 415, "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"no body", with("POST", core+"/namespaces", "", ""), 400, "the object provided is unrecognized (must be of type Namespace): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"},
		{"more than a body", with("POST", maps, "", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"zzz"}} garbage`), 400, `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'g' after top-level value ({"apiVersion":"v1","kind":"Con ...)`},
		{"too large", with("POST", maps, "", strings.Repeat("x", 3<<20+1)), 413, "Request entity too large: limit is 3145728"},
		{"a double slash", get("/clusters/root/api//v1/namespaces/default"), 307, ""},
		{"dots", get(core + "/namespaces/../namespaces/default"), 307, ""},
		{"dots for a name", get(maps + "/.."), 307, ""},
		{"escaped dots", get(maps + "/%2e%2e"), 307, ""},
		{"a slash at the end", get(object + "/"), 200, ""},
		{"an escaped slash", get(maps + "/a%2Fb"), 404, noPath},
		{"half an escape", get(core + "/namespaces/%zz"), 400, ""},
		{"NUL", get(core + "/namespaces/%00"), 404, `namespaces "\x00" not found`},
		{"NUL in a namespace", get(core + "/namespaces/default%00a/configmaps"), 404, ""},
		{"a Namespace within another", get(object + "/namespaces/kube-system"), 404, noPath},
		{"a long name", get(maps + "/" + strings.Repeat("a", 300)), 404, ""},
		{"absolute form", get("https://h" + object), 200, ""},
		{"a malformed cluster", get("/clusters/Ro_ot/api/v1"), 400, `invalid cluster: "Ro_ot" does not match the regex`},
		{"a time-out that is none", get(object + "?timeout=abc"), 400, `invalid timeout specified in the request URL - time: invalid duration "abc"`},
		{"the same, from nobody", raw("GET", "/clusters/root/version?timeout=abc", host, ""), 400, `invalid timeout specified in the request URL - time: invalid duration "abc"`},
		{"the same, of a watch", get(maps + "?watch=1&timeoutSeconds=1&timeout=abc"), 200, ""},
		{"bad credentials", raw("GET", core+"/zzz", host+"Authorization: Bearer zzz\r\n", ""), 401, "Unauthorized"},
		{"nobody, and no such resource", raw("GET", core+"/zzz", host, ""), 403, `zzz is forbidden: User "system:anonymous" cannot list resource "zzz" in API group "" at the cluster scope: access denied`},

		{"length and chunks", raw("POST", core+"/namespaces", host+auth+"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, ""},
		{"a coding that is not chunked", raw("POST", core+"/namespaces", host+auth+"Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, ""},
		{"identity", raw("POST", core+"/namespaces", host+auth+"Transfer-Encoding: identity\r\n", ""), 501, ""},
		{"chunked twice", raw("POST", core+"/namespaces", host+auth+"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, ""},
		{"a space before the colon", raw("POST", core+"/namespaces", host+auth+"Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400, ""},
		{"two lengths", raw("GET", object, host+auth+"Content-Length: 0\r\nContent-Length: 5\r\n", ""), 400, ""},
		{"a length with a sign", raw("GET", object, host+auth+"Content-Length: +0\r\n", ""), 400, ""},
		{"a negative length", raw("GET", object, host+auth+"Content-Length: -1\r\n", ""), 400, ""},
		{"no Host", raw("GET", "/clusters/root/version", auth, ""), 400, ""},
		{"two Hosts", raw("GET", "/clusters/root/version", "Host: a\r\nHost: b\r\n"+auth, ""), 400, ""},
		{"garbage", "\x00\x01\x02\r\n\r\n", 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, config, "http/1.1")
			if _, err := io.WriteString(conn, c.send); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			message := string(body)
			var status struct{ Kind, Message string }
			if json.Unmarshal(body, &status) == nil && status.Kind == "Status" {
				message = status.Message
			}
			if response.StatusCode != c.code || !strings.Contains(message, c.message) {
				t.Errorf("answered %s: %.300s\nwant %d: %s", response.Status, message, c.code, c.message)
			}
			if allow := response.Header.Get("Allow"); allow != "" {
				t.Errorf("names methods: %s", allow)
			}
			if c.code == 307 {
				if got := response.Header.Get("Location"); !strings.HasPrefix(got, object) {
					t.Errorf("sends to %q", got)
				}
			}
		})
	}
	t.Run("HTTP/2", func(t *testing.T) { oddStreams(t, config, object) })
}

// oddStreams sends header blocks that RFC 9113 section 8.3 calls malformed: each must reset its stream, or end the connection, and none may be
// answered.
func oddStreams(t *testing.T, config *rest.Config, path string) {
	good := [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "h"}, {":path", path}, {"authorization", "Bearer " + config.BearerToken}}
	without := func(name string) (out [][2]string) {
		for _, f := range good {
			if f[0] != name {
				out = append(out, f)
			}
		}
		return out
	}
	and := func(fields ...[2]string) [][2]string { return append(append([][2]string{}, good...), fields...) }
	for _, c := range []struct {
		name   string
		fields [][2]string
		served bool
	}{
		{"good", good, true},
		{"no method", without(":method"), false},
		{"no path", without(":path"), false},
		{"no scheme", without(":scheme"), false},
		{"an empty path", append(without(":path"), [2]string{":path", ""}), false},
		{"a path twice", append([][2]string{{":path", path}}, good...), false},
		{"an unknown pseudo field", append([][2]string{{":zzz", "1"}}, good...), false},
		{"a pseudo field of answers", append([][2]string{{":status", "200"}}, good...), false},
		{"a pseudo field after others", and([2]string{":authority", "h"}), false},
		{"an upper case name", and([2]string{"X-A", "1"}), false},
		{"connection", and([2]string{"connection", "close"}), false},
		{"transfer-encoding", and([2]string{"transfer-encoding", "chunked"}), false},
		{"upgrade", and([2]string{"upgrade", "websocket"}), false},
		{"a line break in a value", and([2]string{"x-a", "1\r\nx-b: 2"}), false},
		{"a length that is not the body's", and([2]string{"content-length", "5"}), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, config, "h2")
			if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
				t.Fatal(err)
			}
			framer := http2.NewFramer(conn, conn)
			if err := framer.WriteSettings(); err != nil {
				t.Fatal(err)
			}
			var block bytes.Buffer
			encoder := hpack.NewEncoder(&block)
			for _, f := range c.fields {
				if err := encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
					t.Fatal(err)
				}
			}
			if err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true}); err != nil {
				t.Fatal(err)
			}
			for {
				frame, err := framer.ReadFrame()
				if err != nil {
					if c.served || !errors.Is(err, io.EOF) {
						t.Errorf("the connection ended: %v", err)
					}
					return
				}
				switch f := frame.(type) {
				case *http2.HeadersFrame:
					if !c.served {
						t.Error("was answered")
					}
					return
				case *http2.RSTStreamFrame:
					if c.served {
						t.Errorf("reset: %v", f.ErrCode)
					}
					return
				case *http2.GoAwayFrame:
					if c.served {
						t.Errorf("GOAWAY: %v", f.ErrCode)
					}
					return
				}
			}
		})
	}
}
