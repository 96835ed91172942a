package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// endpoint is where a kubeconfig leads, and how to be let in.
type endpoint struct {
	host  string // host:port
	token string
	tls   *tls.Config
}

type kubeconfigFile struct {
	CurrentContext string `json:"current-context"`
	Contexts       []struct {
		Name    string `json:"name"`
		Context struct {
			Cluster string `json:"cluster"`
			User    string `json:"user"`
		} `json:"context"`
	} `json:"contexts"`
	Clusters []struct {
		Name    string `json:"name"`
		Cluster struct {
			Server   string `json:"server"`
			CAData   string `json:"certificate-authority-data"`
			CAFile   string `json:"certificate-authority"`
			Insecure bool   `json:"insecure-skip-tls-verify"`
			Name     string `json:"tls-server-name"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		Name string `json:"name"`
		User struct {
			Token     string `json:"token"`
			TokenFile string `json:"tokenFile"`
			CertData  string `json:"client-certificate-data"`
			CertFile  string `json:"client-certificate"`
			KeyData   string `json:"client-key-data"`
			KeyFile   string `json:"client-key"`
		} `json:"user"`
	} `json:"users"`
}

// readKubeconfig takes the first of the contexts that the file has, or its current one. Only the host of the server's URL counts: the
// path below it is a scenario's choice.
func readKubeconfig(path string, contexts ...string) (*endpoint, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	e, err := parseKubeconfig(data, filepath.Dir(path), contexts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

func parseKubeconfig(data []byte, dir string, contexts []string) (*endpoint, error) {
	var file kubeconfigFile
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	for _, wanted := range append(contexts, file.CurrentContext) {
		for _, c := range file.Contexts {
			if c.Name == wanted {
				return file.endpoint(dir, c.Context.Cluster, c.Context.User)
			}
		}
	}
	return nil, fmt.Errorf("has none of the contexts %s and no current one", strings.Join(contexts, ", "))
}

func (f *kubeconfigFile) endpoint(dir, clusterName, userName string) (*endpoint, error) {
	out := &endpoint{tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	found := false
	for _, c := range f.Clusters {
		if c.Name != clusterName {
			continue
		}
		found = true
		u, err := url.Parse(c.Cluster.Server)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("cluster %q: server must be an https URL", clusterName)
		}
		out.host = u.Host
		out.tls.InsecureSkipVerify = c.Cluster.Insecure
		out.tls.ServerName = c.Cluster.Name
		ca, err := inlineOrFile(dir, c.Cluster.CAData, c.Cluster.CAFile)
		if err != nil {
			return nil, err
		}
		if ca != nil {
			out.tls.RootCAs = x509.NewCertPool()
			if !out.tls.RootCAs.AppendCertsFromPEM(ca) {
				return nil, fmt.Errorf("cluster %q: no certificate in its authority", clusterName)
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("no cluster %q", clusterName)
	}
	for _, u := range f.Users {
		if u.Name != userName {
			continue
		}
		out.token = u.User.Token
		if out.token == "" && u.User.TokenFile != "" {
			token, err := inlineOrFile(dir, "", u.User.TokenFile)
			if err != nil {
				return nil, err
			}
			out.token = strings.TrimSpace(string(token))
		}
		cert, err := inlineOrFile(dir, u.User.CertData, u.User.CertFile)
		if err != nil {
			return nil, err
		}
		key, err := inlineOrFile(dir, u.User.KeyData, u.User.KeyFile)
		if err != nil {
			return nil, err
		}
		if (cert == nil) != (key == nil) {
			return nil, errors.New("a client certificate and its key go together")
		}
		if cert != nil {
			pair, err := tls.X509KeyPair(cert, key)
			if err != nil {
				return nil, fmt.Errorf("user %q: %w", userName, err)
			}
			out.tls.Certificates = []tls.Certificate{pair}
		}
		return out, nil
	}
	return nil, fmt.Errorf("no user %q", userName)
}

// inlineOrFile decodes inline data, or reads a file relative to the kubeconfig; nil when there is neither.
func inlineOrFile(dir, inline, file string) ([]byte, error) {
	if inline != "" {
		return base64.StdEncoding.DecodeString(inline)
	}
	if file == "" {
		return nil, nil
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return os.ReadFile(file)
}
