package cost

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// week is a usual week: 7000 answers of 1000 + 100 tokens.
func week() Traffic {
	return Traffic{Since: monday, Until: monday.AddDate(0, 0, 7), Answers: 7000, PromptTokens: 7_000_000, CachedTokens: 6_000_000, OutputTokens: 700_000,
		PeakHour: 250, FirstTokenP95: .8, Under1: .97, Under5: 1}
}

func find(v View, id string) Row {
	for _, r := range v.Rows {
		if r.ID == id {
			return r
		}
	}
	return Row{}
}

func TestMoneyIsExact(t *testing.T) {
	for text, want := range map[string]Money{"0": 0, "1": 1e6, "0.000001": 1, "2.5": 2_500_000, "1e3": 1e9, "-1.25": -1_250_000, "999999999.999999": 999_999_999_999_999} {
		var m Money
		if err := json.Unmarshal([]byte(text), &m); err != nil || m != want {
			t.Errorf("%s: %d, %v", text, m, err)
		}
		out, err := json.Marshal(m)
		var back Money
		if err != nil || json.Unmarshal(out, &back) != nil || back != m {
			t.Errorf("%s became %s", text, out)
		}
	}
	for _, text := range []string{`"1"`, "0.0000001", "1e10", "1e400", "1e-9", "null1", "1/3", "[]", "1_000"} {
		var m Money
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s was read as %s", text, m)
		}
	}
	// A thousand million sums of 0.1 are exact.
	sum := Money(0)
	for range 1000 {
		sum += 100_000
	}
	if sum.String() != "100" {
		t.Error(sum)
	}
}

// By hand: a week is 168 h, a month 730.5 h, so 7000 answers are 30437 a month.
func TestCompare(t *testing.T) {
	s := Sheet{Currency: "EUR", Own: Own{Purchase: 4800e6, Years: 4, Watts: 400, OtherWatts: 100, KWh: 250_000, AdminHours: 2, AdminHour: 50e6},
		Cloud:   []Cloud{{ID: "c", Name: "C", GPU: "G", Hour: 1e6, Example: true, AsOf: "2025"}},
		Managed: []Managed{{ID: "m", Name: "M", Input: 2e6, Cached: 1e6, Output: 10e6, Example: true, AsOf: "2025"}}}
	v := Compare(s, week(), Facts{Classes: map[string]Class{"G": {true, 100}}, BoxPerHour: 500})
	// 100 for the purchase, 73.05 for 292.2 kWh, 100 for two hours.
	if box := find(v, "box"); box.PerMonth.String() != "273.05" || box.PerHour.String() != "0.373785" || box.PerThousand.String() != "8.970842" {
		t.Errorf("%+v %s %s", box, box.PerMonth, *box.PerThousand)
	}
	// Three for 250 answers in the peak hour.
	if c := find(v, "c"); c.Count != 3 || c.PerMonth.String() != "2191.5" || !c.Example || !strings.Contains(c.Note, "Estimate") {
		t.Errorf("%+v", c)
	}
	// A week: 1 M x 2 + 6 M x 1 + 0.7 M x 10 = 15, for 7000 answers.
	m := find(v, "m")
	if m.PerThousand.String() != "2.142857" || m.BreakEven == nil || *m.BreakEven != 127424 {
		t.Errorf("%+v %s %d", m, m.PerThousand, *m.BreakEven)
	}
	if !v.Enough || v.Recorded.AnswersPerMonth != 30437 || v.Latency.Class != "real-time" || v.Latency.Source != "recorded" {
		t.Errorf("%+v", v)
	}
	hot := week()
	hot.GPUWatts = 300.4
	v = Compare(s, hot, Facts{BoxPerHour: 100})
	// 100 + 400 W measured and stated.
	if box := find(v, "box"); box.PerMonth.String() != "273.05" || !strings.Contains(box.Note, "400 W") || !strings.Contains(box.Note, "over these days, measured") {
		t.Errorf("%+v", box)
	}
	if c := find(v, "c"); c.Count != 1 || !strings.Contains(c.Note, "not known") {
		t.Errorf("%+v", c)
	}
	if m := find(v, "m"); !strings.Contains(m.Note, "more than it can give") {
		t.Errorf("%+v", m)
	}
}

// What cannot answer has no price, and says why; of what is not known one is
// counted.
func TestCloudThatCannotAnswer(t *testing.T) {
	s := Sheet{Currency: "EUR", Own: Own{Years: 1}, Cloud: []Cloud{{ID: "small", GPU: "S", Hour: 1e6}, {ID: "slow", GPU: "L", Hour: 1e6}, {ID: "new", GPU: "N", Hour: 1e6}}}
	v := Compare(s, week(), Facts{Classes: map[string]Class{"S": {false, 0}, "L": {true, 0}}})
	for id, want := range map[string]string{"small": "does not fit", "slow": "too slow"} {
		if r := find(v, id); r.PerMonth != nil || r.PerHour != nil || r.PerThousand != nil || r.Count != 0 || !strings.Contains(r.Note, want) {
			t.Errorf("%+v", r)
		}
	}
	if r := find(v, "new"); r.PerMonth == nil || r.Count != 1 || !strings.Contains(r.Note, "not known") {
		t.Errorf("%+v", r)
	}
}

func TestTooLittleTraffic(t *testing.T) {
	few := week()
	few.Answers = 5
	short := week()
	short.Until = short.Since.Add(10 * time.Minute)
	none := Traffic{Since: monday, Until: monday, Under1: -1, Under5: -1}
	for name, traffic := range map[string]Traffic{"few": few, "short": short, "none": none} {
		v := Compare(Shipped(), traffic, Facts{})
		if v.Enough || v.Sentence == "" {
			t.Errorf("%s: %+v", name, v)
		}
		if raw, err := json.Marshal(v); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if name == "none" && strings.Contains(string(raw), "per_thousand") {
			t.Errorf("%s", raw)
		}
	}
}

// More tokens are never cheaper, dearer prices neither; nothing is beyond an
// int64, and zero traffic, prices and years are fine.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	price := func() Money { return []Money{0, 1, 300_000, 5e6, mostMoney}[r.IntN(5)] }
	count := func() int64 { return []int64{0, 1, 1000, 1e9, math.MaxInt64 / 4}[r.IntN(5)] }
	for range 3000 {
		s := Sheet{Currency: "USD", Own: Own{Purchase: price(), Years: r.IntN(4), Watts: r.IntN(1000), KWh: price(), AdminHours: r.IntN(10), AdminHour: price()},
			Cloud: []Cloud{{ID: "c", GPU: "G", Hour: price()}}, Managed: []Managed{{ID: "m", Input: price(), Cached: price(), Output: price()}}}
		a := Traffic{Since: monday, Until: monday.Add(time.Duration(r.IntN(1000)) * time.Hour), Answers: count(), PromptTokens: count(), OutputTokens: count(), PeakHour: count()}
		a.CachedTokens = r.Int64N(a.PromptTokens + 1)
		a.GPUWatts = float64(r.IntN(2) * 300)
		f := Facts{Classes: map[string]Class{"G": {r.IntN(3) > 0, float64(r.IntN(3))}}, BoxPerHour: float64(r.IntN(3))}
		before := Compare(s, a, f)
		b := a
		switch r.IntN(3) {
		case 0:
			b.PromptTokens += 1000
		case 1:
			b.OutputTokens += 1000
		case 2:
			b.PeakHour += 1000
		}
		after := Compare(s, b, f)
		for i, row := range before.Rows {
			next := after.Rows[i]
			if row.PerMonth == nil {
				if row.PerHour != nil || row.PerThousand != nil || next.PerMonth != nil || row.Note == "" {
					t.Fatalf("%+v became %+v", row, next)
				}
				continue
			}
			if *next.PerMonth < *row.PerMonth || *row.PerMonth < 0 || *row.PerHour < 0 || row.PerThousand != nil && *row.PerThousand < 0 {
				t.Fatalf("%+v became %+v for %+v", row, next, a)
			}
		}
		if _, err := json.Marshal(before); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLatencyClasses(t *testing.T) {
	for _, c := range []struct {
		t      Traffic
		f      Facts
		class  string
		source string
	}{
		{Traffic{FirstTokenP95: .99}, Facts{FirstTokenP95: 9}, "real-time", "recorded"},
		{Traffic{FirstTokenP95: 1}, Facts{}, "interactive", "recorded"},
		{Traffic{FirstTokenP95: 5.01}, Facts{}, "batch", "recorded"},
		{Traffic{}, Facts{FirstTokenP95: 2}, "interactive", "measured"},
		{Traffic{}, Facts{}, "unknown", "none"},
	} {
		if l := latencyOf(c.t, c.f); l.Class != c.class || l.Source != c.source || l.Sentence == "" {
			t.Errorf("%+v: %+v", c, l)
		}
	}
}

func TestShippedSheet(t *testing.T) {
	s := Shipped()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	for _, c := range s.Cloud {
		if !c.Example || c.AsOf == "" {
			t.Errorf("%+v is not marked", c)
		}
	}
	for _, m := range s.Managed {
		if !m.Example || m.AsOf == "" || m.Cached > m.Input {
			t.Errorf("%+v is not marked, or cached input is dearer", m)
		}
	}
}

func TestSheetIsChecked(t *testing.T) {
	for param, wrong := range map[string]func(*Sheet){
		"currency":                func(s *Sheet) { s.Currency = "usd" },
		"own.years":               func(s *Sheet) { s.Own.Years = 0 },
		"own.watts":               func(s *Sheet) { s.Own.Watts = -1 },
		"own.purchase":            func(s *Sheet) { s.Own.Purchase = -1 },
		"cloud[1].id":             func(s *Sheet) { s.Cloud[1].ID = s.Cloud[0].ID },
		"cloud[0].name":           func(s *Sheet) { s.Cloud[0].Name = " " },
		"managed[0].cached_input": func(s *Sheet) { s.Managed[0].Cached = mostMoney + 1 },
		"managed[2].as_of":        func(s *Sheet) { s.Managed[2].AsOf = strings.Repeat("x", 21) },
	} {
		s := Shipped()
		wrong(&s)
		var e *app.Error
		if err := s.Check(); !errors.As(err, &e) || e.Param != param {
			t.Errorf("%s: %v", param, err)
		}
	}
}

// What is shown in a terminal cannot steer it.
func TestSheetHasNoControlCharacters(t *testing.T) {
	for _, text := range []string{"x\x1b[2J", "x\ny", "x\u202ey", "x\u0085", "\xff"} {
		for field, set := range map[string]func(*Sheet){
			"id": func(s *Sheet) { s.Cloud[0].ID = text }, "name": func(s *Sheet) { s.Managed[0].Name = text },
			"as_of": func(s *Sheet) { s.Cloud[0].AsOf = text }, "gpu": func(s *Sheet) { s.Cloud[0].GPU = text },
		} {
			s := Shipped()
			set(&s)
			if s.Check() == nil {
				t.Errorf("%s %q was taken", field, text)
			}
		}
	}
	s := Shipped()
	s.Cloud[0].Name = "Nuage à moi, 東京"
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

func TestBook(t *testing.T) {
	store, err := storage.Open(t.Context(), storage.Options{Path: emptydb.Path(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := Book{Store: store, Log: slog.New(slog.DiscardHandler)}
	if p, err := b.Get(t.Context()); err != nil || !p.Shipped || len(p.Managed) == 0 {
		t.Errorf("%+v %v", p, err)
	}
	mine := Sheet{Currency: "EUR", Own: Own{Years: 3, KWh: 123_456}}
	if p, err := b.Set(t.Context(), mine); err != nil || p.Shipped || p.Cloud == nil {
		t.Errorf("%+v %v", p, err)
	}
	if p, err := b.Get(t.Context()); err != nil || p.Shipped || p.Currency != "EUR" || p.Own.KWh != 123_456 {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := b.Set(t.Context(), Sheet{}); err == nil {
		t.Error("an empty sheet was kept")
	}
	if err := store.SetPrices(t.Context(), json.RawMessage(`{"currency": 5}`)); err != nil {
		t.Fatal(err)
	}
	if p, err := b.Get(t.Context()); err != nil || !p.Shipped {
		t.Errorf("%+v %v", p, err)
	}
	if p, err := b.Reset(t.Context()); err != nil || !p.Shipped {
		t.Errorf("%+v %v", p, err)
	}
}

func TestAbout(t *testing.T) {
	for n, want := range map[float64]string{0.4: "0", 7: "7", 99.4: "99", 192529: "190,000", 1371276: "1,400,000", 999.9: "1,000"} {
		if got := about(n); got != want {
			t.Errorf("%v is about %s, want %s", n, got, want)
		}
	}
}
