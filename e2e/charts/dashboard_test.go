package charts

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	boardFile = repository + "/charts/dashboards/fleet.json"
	rulesFile = repository + "/charts/rules/atoll.rules.yaml"
)

type dataSource struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Datasource               dataSource
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		RefID, Expr, LegendFormat string
		Datasource                dataSource
	}
}

type board struct {
	UID, Title    string
	SchemaVersion int
	Tags          []string
	Templating    struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []panel
}

func readBoard(t *testing.T) *board {
	t.Helper()
	data, err := os.ReadFile(boardFile)
	if err != nil {
		t.Fatal(err)
	}
	var b board
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestDashboardStructure(t *testing.T) {
	b := readBoard(t)
	if b.UID == "" || b.Title == "" || b.SchemaVersion == 0 || len(b.Tags) == 0 {
		t.Errorf("uid %q, title %q, schemaVersion %d, tags %v", b.UID, b.Title, b.SchemaVersion, b.Tags)
	}
	variables := map[string]bool{}
	for _, v := range b.Templating.List {
		variables[v.Name] = true
	}
	for _, name := range []string{"datasource", "region", "instance"} {
		if !variables[name] {
			t.Errorf("no variable %s", name)
		}
	}
	ids, titles := map[int]bool{}, map[string]bool{}
	taken := map[[2]int]string{}
	mention := regexp.MustCompile(`\$\{?(\w+)`)
	rate := regexp.MustCompile(`\b(?:rate|increase)\([^\[]*\[([^\]]*)\]`)
	legend := regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
	for _, p := range b.Panels {
		bad := func(why string) { t.Errorf("panel %d %q: %s", p.ID, p.Title, why) }
		if p.ID == 0 || ids[p.ID] || p.Title == "" || titles[p.Title] {
			bad("id and title must be there and be its own")
		}
		ids[p.ID], titles[p.Title] = true, true
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
			bad("does not fit the 24 columns")
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("panels %q and %q overlap", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if !strings.HasSuffix(p.Description, ".") || p.FieldConfig.Defaults.Unit == "" {
			bad("needs a description of whole sentences and a unit")
		}
		if len(p.Targets) == 0 || p.Datasource.UID != "${datasource}" {
			bad("needs queries, and the data source of the variable")
		}
		refs := map[string]bool{}
		for _, target := range p.Targets {
			if target.RefID == "" || refs[target.RefID] || target.LegendFormat == "" || target.Datasource.UID != "${datasource}" {
				bad("each query needs its own refId, a legend, and the data source of the variable")
			}
			refs[target.RefID] = true
			for _, m := range mention.FindAllStringSubmatch(target.Expr, -1) {
				if !variables[m[1]] && m[1] != "__rate_interval" {
					bad("unknown variable " + m[0])
				}
			}
			for _, m := range rate.FindAllStringSubmatch(target.Expr, -1) {
				if m[1] != "$__rate_interval" {
					bad("rates over " + m[1])
				}
			}
			for _, m := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				if by := regexp.MustCompile(`\bby \(([^)]*)\)`).FindStringSubmatch(target.Expr); by != nil && !strings.Contains(by[1], m[1]) {
					bad("the legend has label " + m[1] + ", the query has not")
				}
			}
		}
	}
}

// Each metric that dashboard and rules name is one that some source file registers.
func TestMetricsExist(t *testing.T) {
	var sources strings.Builder
	for _, folder := range []string{"common", "shard", "front-proxy", "cache-server"} {
		err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".cc") || strings.HasSuffix(path, "_test.cc") {
				return err
			}
			data, err := os.ReadFile(path)
			sources.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	queries := ""
	for _, p := range readBoard(t).Panels {
		for _, target := range p.Targets {
			queries += target.Expr + "\n"
		}
	}
	rules, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b(?:apiserver|workqueue|kcp|atoll|proxy|process)_[a-z_]+`).FindAllString(queries+string(rules), -1)
	checked := map[string]bool{}
	for _, name := range names {
		if checked[name] {
			continue
		}
		checked[name] = true
		family := name
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, ok := strings.CutSuffix(name, suffix); ok && !strings.Contains(sources.String(), `"`+name+`"`) {
				family = base
			}
		}
		if !strings.Contains(sources.String(), `"`+family+`"`) {
			t.Errorf("no process has a metric %s", name)
		}
	}
	if len(checked) < 20 {
		t.Errorf("only %d metrics found in %s and %s", len(checked), boardFile, rulesFile)
	}
}

func TestRules(t *testing.T) {
	if out, err := exec.Command("promtool", "check", "rules", rulesFile).CombinedOutput(); err != nil {
		t.Errorf("promtool (of Debian's package prometheus): %v\n%s", err, out)
	}
}
