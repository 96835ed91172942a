package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestRatioAndVerdict(t *testing.T) {
	two := []string{"subject", "peer"}
	for _, c := range []struct {
		name          string
		figure        figure
		subject, peer []float64
		ratio         float64
		ok            bool
		verdict       string
	}{
		{"more is better", figure{better: higher, target: 300}, []float64{400}, []float64{2}, 200, true, "reached"},
		{"less is better", figure{better: lower, target: 5}, []float64{6}, []float64{12}, 2, true, "missed"},
		{"medians of rounds", figure{better: higher}, []float64{1, 9, 4}, []float64{2}, 2, true, ""},
		{"no peer", figure{better: higher}, []float64{1}, nil, 0, false, ""},
		{"for reference", figure{better: neither}, []float64{1}, []float64{1}, 0, false, ""},
		{"nothing used", figure{better: lower, target: 1}, []float64{0}, []float64{3}, 0, false, "reached"},
	} {
		w := &row{figure: c.figure, values: map[string][]float64{"subject": c.subject, "peer": c.peer}}
		ratio, ok := w.ratio(two)
		if ratio != c.ratio || ok != c.ok || w.verdict(two) != c.verdict {
			t.Errorf("%s: %v %v %q", c.name, ratio, ok, w.verdict(two))
		}
	}
}

func TestNumber(t *testing.T) {
	for value, want := range map[float64]string{0: "0", 0.01234: "0.0123", 1.234: "1.23", 12.34: "12.3", 1234.5: "1234", -250: "-250"} {
		if got := number(value); got != want {
			t.Errorf("number(%v) = %s, want %s", value, got, want)
		}
	}
}

func TestReport(t *testing.T) {
	r := newReport([]*bench{{name: "subject"}, {name: "peer"}})
	r.add("get", "subject", []figure{{name: "rate", unit: "/s", value: 20000, better: higher, target: 15000}})
	r.add("get", "peer", []figure{{name: "rate", unit: "/s", value: 1000, better: higher, target: 15000}})
	r.note("fleet", "peer", "skipped: only for servers that are started here")
	var table, text bytes.Buffer
	if err := r.writeTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"20000", "20.0", "15000", "reached", "fleet, peer: skipped"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}
	if err := r.writeJSON(&text); err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Figures []struct{ Ratio float64 }
	}
	if err := json.Unmarshal(text.Bytes(), &parsed); err != nil || len(parsed.Figures) != 1 || parsed.Figures[0].Ratio != 20 {
		t.Errorf("%v in\n%s", err, text.String())
	}
}

func TestChoose(t *testing.T) {
	all := []scenario{{name: "a"}, {name: "b"}, {name: "c"}}
	if got, err := choose(all, ""); err != nil || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := choose(all, "c,a"); err != nil || len(got) != 2 || got[0].name != "a" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := choose(all, "a,x"); err == nil {
		t.Error("no error for an unknown name")
	}
	names := map[string]bool{}
	for _, s := range scenarios {
		if names[s.name] || s.what == "" || s.run == nil {
			t.Errorf("scenario %q", s.name)
		}
		names[s.name] = true
	}
}
