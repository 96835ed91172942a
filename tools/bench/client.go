package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// workersPerConnection keeps one connection's goroutines from becoming the bottleneck, and the number of handshakes small.
const workersPerConnection = 8

// worker sends one request at a time. It allocates what the HTTP library does and no more: URL, headers and buffers are its own.
type worker struct {
	transport *http.Transport
	host      string
	header    http.Header // no body
	byType    map[string]http.Header
	body      bodyReader
	buffer    []byte
}

// bodyReader is a request body over bytes that stay the caller's.
type bodyReader struct{ bytes.Reader }

func (*bodyReader) Close() error { return nil }

// workers are n of them, a few to a connection.
func (e *endpoint) workers(n int) []*worker {
	out := make([]*worker, n)
	var transport *http.Transport
	for i := range out {
		if i%workersPerConnection == 0 {
			transport = e.transport()
		}
		out[i] = &worker{transport: transport, host: e.host, header: e.header(""), buffer: make([]byte, 256<<10), byType: map[string]http.Header{
			jsonType:       e.header(jsonType),
			mergePatchType: e.header(mergePatchType),
			applyType:      e.header(applyType),
		}}
	}
	return out
}

// closeWorkers closes their connections.
func closeWorkers(workers []*worker) {
	for _, w := range workers {
		w.transport.CloseIdleConnections()
	}
}

func (e *endpoint) transport() *http.Transport {
	return &http.Transport{
		TLSClientConfig:     e.tls.Clone(),
		ForceAttemptHTTP2:   true,
		DisableCompression:  true,
		TLSHandshakeTimeout: 10 * time.Second,
		HTTP2:               &http.HTTP2Config{MaxReadFrameSize: 256 << 10},
	}
}

const (
	jsonType       = "application/json"
	mergePatchType = "application/merge-patch+json"
	applyType      = "application/apply-patch+yaml"
)

func (e *endpoint) header(contentType string) http.Header {
	h := http.Header{"Accept": {jsonType}, "User-Agent": {"atoll-bench"}}
	if e.token != "" {
		h.Set("Authorization", "Bearer "+e.token)
	}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return h
}

// open sends a request and returns the answer with its body unread; any code but 2xx is an error that quotes the answer.
func (w *worker) open(ctx context.Context, method, path, query, contentType string, body []byte) (*http.Response, error) {
	request := &http.Request{
		Method: method, URL: &url.URL{Scheme: "https", Host: w.host, Path: path, RawQuery: query},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: w.host, Header: w.header,
	}
	if body != nil {
		w.body.Reset(body)
		request.Header, request.Body, request.ContentLength = w.byType[contentType], &w.body, int64(len(body))
	}
	response, err := w.transport.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 512))
		return nil, &answerError{code: response.StatusCode, text: fmt.Sprintf("%s %s: %s: %s", method, path, response.Status, text)}
	}
	return response, nil
}

type answerError struct {
	code int
	text string
}

func (e *answerError) Error() string { return e.text }

// do sends a request and reads the answer to its end without looking at it; returns its bytes.
func (w *worker) do(ctx context.Context, method, path, query, contentType string, body []byte) (int64, error) {
	response, err := w.open(ctx, method, path, query, contentType, body)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var n int64
	for {
		read, err := response.Body.Read(w.buffer)
		n += int64(read)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// decode is do for preparations: the answer is unmarshalled into out.
func (w *worker) decode(ctx context.Context, method, path, query string, body []byte, out any) error {
	response, err := w.open(ctx, method, path, query, jsonType, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(out)
}
