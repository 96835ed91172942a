// Package judge asks atoll-judge (tools/judge) and Kubernetes' own libraries the same random questions: what patches do
// to documents, and who owns what after a story of writes. The seed is printed; ATOLL_JUDGE_SEED repeats a run, and
// ATOLL_JUDGE_CASES sets how many questions of a kind are asked.
package judge

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"
)

// judged is one atoll-judge process.
type judged struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T) *judged {
	t.Helper()
	bin := os.Getenv("ATOLL_BIN")
	if bin == "" {
		bin = "../../build/dev/bin"
	}
	cmd := exec.Command(filepath.Join(bin, "atoll-judge"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("atoll-judge: %v", err)
		}
	})
	return &judged{in, bufio.NewReaderSize(out, 1<<20)}
}

// ask returns the answer, decoded into `answer`.
func (j *judged) ask(t *testing.T, question, answer any) {
	t.Helper()
	line, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	reply, err := j.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("asked %s: %v", line, err)
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		t.Fatalf("asked %s: %v", line, err)
	}
}

func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := time.Now().UnixNano()
	if s := os.Getenv("ATOLL_JUDGE_SEED"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Logf("ATOLL_JUDGE_SEED=%d", seed)
	return rand.New(rand.NewSource(seed))
}

func cases(t *testing.T) int {
	t.Helper()
	if s := os.Getenv("ATOLL_JUDGE_CASES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 2000
}

// same compares what came through JSON on both sides.
func same(a, b any) bool { return reflect.DeepEqual(plain(a), plain(b)) }

func plain(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.Intn(len(of))] }
