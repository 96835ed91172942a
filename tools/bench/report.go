package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

type direction int

const (
	neither direction = iota
	higher
	lower
)

// figure is one measured number. target is what Atoll wants to reach at least (or at most, when lower is better); 0 is none.
type figure struct {
	name, unit string
	value      float64
	better     direction
	target     float64
}

// setTarget sets the target of a figure if it is there.
func setTarget(figures []figure, name string, target float64) {
	for i := range figures {
		if figures[i].name == name {
			figures[i].target = target
		}
	}
}

// row is a figure of all servers and rounds.
type row struct {
	scenario string
	figure   figure
	values   map[string][]float64
}

type note struct{ Scenario, Server, Text string }

type report struct {
	servers []string
	rows    []*row
	index   map[[2]string]*row
	notes   []note
}

func newReport(benches []*bench) *report {
	r := &report{index: map[[2]string]*row{}}
	for _, b := range benches {
		r.servers = append(r.servers, b.name)
	}
	return r
}

func (r *report) add(scenario, server string, figures []figure) {
	for _, f := range figures {
		key := [2]string{scenario, f.name}
		at, ok := r.index[key]
		if !ok {
			at = &row{scenario: scenario, figure: f, values: map[string][]float64{}}
			r.index[key] = at
			r.rows = append(r.rows, at)
		}
		at.values[server] = append(at.values[server], f.value)
	}
}

func (r *report) note(scenario, server, text string) {
	r.notes = append(r.notes, note{scenario, server, text})
}

// ratio says how many times better the first server is than the second; false without both.
func (w *row) ratio(servers []string) (float64, bool) {
	if len(servers) != 2 || w.figure.better == neither {
		return 0, false
	}
	a, b := w.values[servers[0]], w.values[servers[1]]
	if len(a) == 0 || len(b) == 0 {
		return 0, false
	}
	x, y := median(a), median(b)
	if w.figure.better == lower {
		x, y = y, x
	}
	if y <= 0 || x < 0 {
		return 0, false
	}
	return x / y, true
}

// verdict compares the first server with the target.
func (w *row) verdict(servers []string) string {
	values := w.values[servers[0]]
	if w.figure.target == 0 || len(values) == 0 {
		return ""
	}
	got := median(values)
	if (w.figure.better == higher && got >= w.figure.target) || (w.figure.better == lower && got <= w.figure.target) {
		return "reached"
	}
	return "missed"
}

// number prints three digits that count, and no more.
func number(v float64) string {
	switch {
	case v >= 100 || v <= -100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10 || v <= -10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 1 || v <= -1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func (r *report) writeTable(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "scenario\tfigure\tunit")
	for _, s := range r.servers {
		fmt.Fprint(t, "\t"+s)
	}
	if len(r.servers) == 2 {
		fmt.Fprint(t, "\ttimes better")
	}
	fmt.Fprint(t, "\twanted\t\n")
	last := ""
	for _, w := range r.rows {
		name := w.scenario
		if name == last {
			name = ""
		}
		last = w.scenario
		fmt.Fprintf(t, "%s\t%s\t%s", name, w.figure.name, w.figure.unit)
		for _, s := range r.servers {
			if v := w.values[s]; len(v) > 0 {
				fmt.Fprint(t, "\t"+number(median(v)))
			} else {
				fmt.Fprint(t, "\t-")
			}
		}
		if len(r.servers) == 2 {
			if ratio, ok := w.ratio(r.servers); ok {
				fmt.Fprint(t, "\t"+number(ratio))
			} else {
				fmt.Fprint(t, "\t")
			}
		}
		if w.figure.target != 0 {
			fmt.Fprintf(t, "\t%s\t%s\n", number(w.figure.target), w.verdict(r.servers))
		} else {
			fmt.Fprint(t, "\t\t\n")
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range r.notes {
		if _, err := fmt.Fprintf(out, "%s, %s: %s\n", n.Scenario, n.Server, n.Text); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) writeJSON(out io.Writer) error {
	type jsonFigure struct {
		Scenario string             `json:"scenario"`
		Name     string             `json:"name"`
		Unit     string             `json:"unit,omitempty"`
		Values   map[string]float64 `json:"values"`
		Ratio    float64            `json:"ratio,omitempty"`
		Target   float64            `json:"target,omitempty"`
		Verdict  string             `json:"verdict,omitempty"`
	}
	var all struct {
		Figures []jsonFigure `json:"figures"`
		Notes   []note       `json:"notes,omitempty"`
	}
	all.Notes = r.notes
	for _, w := range r.rows {
		f := jsonFigure{Scenario: w.scenario, Name: w.figure.name, Unit: w.figure.unit, Values: map[string]float64{}, Target: w.figure.target,
			Verdict: w.verdict(r.servers)}
		for s, v := range w.values {
			f.Values[s] = median(v)
		}
		f.Ratio, _ = w.ratio(r.servers)
		all.Figures = append(all.Figures, f)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
