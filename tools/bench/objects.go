package main

import (
	"bytes"
	"fmt"
	"strconv"
)

func workspacesPath(parent string) string {
	return "/clusters/" + parent + "/apis/tenancy.kcp.io/v1alpha1/workspaces"
}

func workspacePath(parent, name string) string { return workspacesPath(parent) + "/" + name }

func configMapsPath(workspace string) string {
	return "/clusters/" + workspace + "/api/v1/namespaces/default/configmaps"
}

func configMapPath(workspace string, i int) string {
	return configMapsPath(workspace) + "/" + string(appendName(nil, i))
}

const (
	namePrefix = "bench-"
	nameDigits = 8
)

// appendName appends the name of ConfigMap i, which has the same length for every i.
func appendName(to []byte, i int) []byte {
	to = append(to, namePrefix...)
	start := len(to)
	to = append(to, "00000000"...)
	for at := start + nameDigits - 1; i > 0 && at >= start; at-- {
		to[at] = byte('0' + i%10)
		i /= 10
	}
	return to
}

// configMapBody is a ConfigMap with 1 KiB of data, made once; name and a counter in its data are overwritten in place.
type configMapBody struct {
	json            []byte
	nameAt, valueAt int
}

const dataBytes = 1024

func newBodies(n int) []*configMapBody {
	out := make([]*configMapBody, n)
	for i := range out {
		data := bytes.Repeat([]byte("x"), dataBytes)
		text := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":{"value":"%s"}}`, appendName(nil, 0), data)
		out[i] = &configMapBody{json: text, nameAt: bytes.Index(text, []byte(namePrefix)), valueAt: bytes.Index(text, data)}
	}
	return out
}

// named is the body of ConfigMap i. Valid until the next call.
func (c *configMapBody) named(i int) []byte {
	appendName(c.json[:c.nameAt], i)
	return c.json
}

// changed is the same with data that differs for every revision.
func (c *configMapBody) changed(i, revision int) []byte {
	appendName(c.json[:c.valueAt], revision)
	return c.named(i)
}

// patchBody is a merge patch whose value differs for every revision.
func patchBody(to []byte, revision int) []byte {
	to = append(to[:0], `{"data":{"counter":"`...)
	to = strconv.AppendInt(to, int64(revision), 10)
	return append(to, `"}}`...)
}
