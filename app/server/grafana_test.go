package server

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// grafanaUnits are the units of Grafana that our figures have.
var grafanaUnits = []string{"short", "s", "decbytes", "Bps", "percentunit", "celsius", "watt", "hertz", "reqps", "ops", "cps"}

type grafanaSource struct{ Type, UID string }

type grafanaPanel struct {
	ID         int
	Type       string
	Title      string
	Datasource grafanaSource
	GridPos    struct{ H, W, X, Y int }
	Targets    []struct {
		RefID, Expr, LegendFormat string
		Datasource                grafanaSource
	}
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
}

// The dashboard asks for what /metrics has: names, labels, types and units.
func TestGrafanaDashboard(t *testing.T) {
	const file = "../../build/grafana/alcove.json"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		ID            *int
		UID, Title    string
		SchemaVersion int
		Panels        []grafanaPanel
		Templating    struct{ List []struct{ Name, Type string } }
		Annotations   struct{ List []struct{ Name, Expr string } }
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	if board.ID != nil || board.UID == "" || board.Title == "" || board.SchemaVersion < 39 || len(board.Panels) < 20 {
		t.Errorf("the head: id %v, uid %q, title %q, schema %d, %d panels", board.ID, board.UID, board.Title, board.SchemaVersion, len(board.Panels))
	}
	if v := board.Templating.List; len(v) == 0 || v[0].Name != "datasource" || v[0].Type != "datasource" {
		t.Errorf("the data source is no variable: %+v", v)
	}
	rows := metricRows(t)
	for _, a := range board.Annotations.List {
		if a.Expr != "" {
			checkNames(t, a.Name, a.Expr, rows)
		}
	}
	ids, used := map[int]bool{}, map[[2]int]string{}
	for _, p := range board.Panels {
		where := fmt.Sprintf("panel %d %q", p.ID, p.Title)
		if p.ID <= 0 || ids[p.ID] {
			t.Errorf("%s: its number is not its own", where)
		}
		ids[p.ID] = true
		checkPlace(t, where, p, used)
		if p.Type != "row" {
			checkPanel(t, where, p, rows)
		}
	}
}

// checkPlace fails for a panel that lies outside the 24 columns or on another.
func checkPlace(t *testing.T, where string, p grafanaPanel, used map[[2]int]string) {
	t.Helper()
	g := p.GridPos
	if g.W <= 0 || g.H <= 0 || g.X < 0 || g.X+g.W > 24 {
		t.Errorf("%s: place %+v", where, g)
	}
	for x := g.X; x < g.X+g.W; x++ {
		for y := g.Y; y < g.Y+g.H; y++ {
			if other := used[[2]int{x, y}]; other != "" {
				t.Errorf("%s lies on %s", where, other)
				return
			}
			used[[2]int{x, y}] = where
		}
	}
}

var (
	grafanaVariable = regexp.MustCompile(`\$\w+`)
	legendLabel     = regexp.MustCompile(`\{\{(\w+)\}\}`)
	groupLabels     = regexp.MustCompile(`\bby \(([\w, ]+)\)`)
	matchedLabel    = regexp.MustCompile(`[{,](\w+)(?:=~|!~|!=|=)"`)
	countedName     = regexp.MustCompile(`(?:rate|increase)\((alcove_\w+)`)
)

func checkPanel(t *testing.T, where string, p grafanaPanel, rows []metricRow) {
	t.Helper()
	if !slices.Contains(grafanaUnits, p.FieldConfig.Defaults.Unit) {
		t.Errorf("%s: unit %q", where, p.FieldConfig.Defaults.Unit)
	}
	if len(p.Targets) == 0 || p.Datasource.UID != "${datasource}" || p.Datasource.Type != "prometheus" {
		t.Errorf("%s: %d queries of %+v", where, len(p.Targets), p.Datasource)
	}
	refs := map[string]bool{}
	for _, q := range p.Targets {
		if refs[q.RefID] || q.RefID == "" || q.Datasource != p.Datasource {
			t.Errorf("%s: query %q of %+v", where, q.RefID, q.Datasource)
		}
		refs[q.RefID] = true
		checkNames(t, where, q.Expr, rows)
		if strings.Count(q.Expr, "(") != strings.Count(q.Expr, ")") || strings.Count(q.Expr, "{") != strings.Count(q.Expr, "}") {
			t.Errorf("%s: %q is not closed", where, q.Expr)
		}
		for _, v := range grafanaVariable.FindAllString(q.Expr, -1) {
			if !slices.Contains([]string{"$instance", "$__rate_interval", "$__range"}, v) {
				t.Errorf("%s: nothing sets %s", where, v)
			}
		}
		checkLabels(t, where, q.Expr, q.LegendFormat, rows)
		for _, m := range countedName.FindAllStringSubmatch(q.Expr, -1) {
			if slices.ContainsFunc(rows, func(r metricRow) bool { return r.name == m[1] && r.kind == "gauge" }) {
				t.Errorf("%s: the rate of %s, which is a gauge", where, m[1])
			}
		}
	}
}

// checkLabels fails for a label that no metric of the query has.
func checkLabels(t *testing.T, where, expr, legend string, rows []metricRow) {
	t.Helper()
	has := []string{"instance"} // of the scrape
	for _, r := range rows {
		if strings.Contains(expr, r.name) {
			has = append(has, r.labels...)
			if r.kind == "histogram" {
				has = append(has, "le")
			}
		}
	}
	var wanted []string
	for _, m := range append(legendLabel.FindAllStringSubmatch(legend, -1), matchedLabel.FindAllStringSubmatch(expr, -1)...) {
		wanted = append(wanted, m[1])
	}
	for _, m := range groupLabels.FindAllStringSubmatch(expr, -1) {
		wanted = append(wanted, strings.Split(m[1], ", ")...)
	}
	for _, label := range wanted {
		if !slices.Contains(has, label) {
			t.Errorf("%s: %q has no label %s", where, expr, label)
		}
	}
}
