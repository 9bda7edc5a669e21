package cost

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"
)

// Traffic is what was asked of this box in a time.
type Traffic struct {
	// Since is when recording began, if that was within the time; else its begin.
	Since         time.Time
	Until         time.Time
	Answers       int64
	PromptTokens  int64 // all of them
	CachedTokens  int64 // of these, not computed again
	OutputTokens  int64
	PeakHour      int64   // answers in the busiest hour
	GPUWatts      float64 // mean power of the box's GPUs together, measured; 0: not known
	FirstTokenP95 float64 // seconds; 0: not known
	// Under1 and Under5 are the shares of answers whose first token came within
	// one second and within five; -1: not known.
	Under1, Under5 float64
}

// Facts are what the sums need beside traffic and prices.
type Facts struct {
	// Shipped says that nobody has put in what the box costs.
	Shipped bool
	// Classes is what a GPU class would do, as estimated from a measurement; one
	// that is not here is not known.
	Classes map[string]Class
	// BoxPerHour is the same of this box, measured; 0: not known.
	BoxPerHour float64
	// FirstTokenP95 is that of the measurement, for when nothing was recorded; 0:
	// not known.
	FirstTokenP95 float64
}

// Class is what one GPU of a class would do.
type Class struct {
	Fits    bool    // the model, and one conversation, fit its memory
	PerHour float64 // answers an hour within the bound; 0: not even one person's
}

// The hours of a month, on average: 8766 a year.
var hoursPerMonth = big.NewRat(8766, 12)

// enough is how many answers, and how much time, make figures worth believing.
const (
	enoughAnswers = 100
	enoughTime    = 24 * time.Hour
	shortestTime  = time.Hour
)

// View is what the traffic costs in three ways.
type View struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Currency string    `json:"currency"`
	Recorded Recorded  `json:"recorded"`
	// Enough is false where there is too little traffic; Sentence says so.
	Enough   bool    `json:"enough"`
	Sentence string  `json:"sentence"`
	Rows     []Row   `json:"rows" nullable:"false" doc:"This box first, then cloud GPUs, then services."`
	Latency  Latency `json:"latency"`
}

// Recorded is the traffic as it was counted.
type Recorded struct {
	Hours           float64 `json:"hours"`
	Answers         int64   `json:"answers"`
	PromptTokens    int64   `json:"prompt_tokens"`
	CachedTokens    int64   `json:"cached_tokens"`
	OutputTokens    int64   `json:"output_tokens"`
	PeakHour        int64   `json:"peak_hour_answers"`
	AnswersPerMonth int64   `json:"answers_per_month" doc:"At this rate."`
}

// Row is one way to answer this traffic.
type Row struct {
	Kind    string `json:"kind" enum:"box,cloud,managed"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	Example bool   `json:"example" doc:"The price is an example: check your contract. Of the box: the sheet is the shipped one."`
	AsOf    string `json:"as_of,omitempty"`
	// PerHour and PerMonth are absent where it cannot answer this traffic.
	PerHour  *Money `json:"per_hour,omitempty"`
	PerMonth *Money `json:"per_month,omitempty"`
	// PerThousand is for 1000 answers; absent without traffic.
	PerThousand *Money `json:"per_thousand,omitempty"`
	// Count is how many GPUs are rented; 0: of no meaning.
	Count int `json:"count"`
	// BreakEven is from how many answers a month on the box is cheaper than the
	// service; absent where it never is, or nobody knows.
	BreakEven *int64 `json:"break_even,omitempty"`
	Note      string `json:"note,omitempty"`
}

// Compare makes the view. It is finite for every sheet that Check takes, and
// for a zero sheet too.
func Compare(s Sheet, t Traffic, f Facts) View {
	hours := hoursOf(t)
	month := scale(t, hours)
	v := View{From: t.Since, To: t.Until, Currency: s.Currency, Rows: []Row{}, Latency: latencyOf(t, f)}
	v.Recorded = Recorded{Hours: float64(int(hours*10)) / 10, Answers: t.Answers, PromptTokens: t.PromptTokens, CachedTokens: t.CachedTokens,
		OutputTokens: t.OutputTokens, PeakHour: t.PeakHour, AnswersPerMonth: floor(month(t.Answers))}
	v.Enough, v.Sentence = judge(t)
	own := boxMonth(s.Own, t.GPUWatts)
	answers := month(t.Answers)
	box := row("box", "box", "This box", own, answers)
	box.Note, box.Example = ownNote(s.Own, f, t), f.Shipped
	v.Rows = append(v.Rows, box)
	for _, c := range s.Cloud {
		v.Rows = append(v.Rows, cloudRow(c, t, f, answers))
	}
	for _, m := range s.Managed {
		v.Rows = append(v.Rows, managedRow(m, t, month, own, f))
	}
	return v
}

// hoursOf is how long was recorded; never less than an hour, so that the first
// minutes do not become a month.
func hoursOf(t Traffic) float64 { return max(t.Until.Sub(t.Since), shortestTime).Hours() }

// scale gives a function that takes a recorded count to a month.
func scale(t Traffic, hours float64) func(int64) *big.Rat {
	h := new(big.Rat).SetInt64(int64(math.Round(hours * 3600)))
	factor := new(big.Rat).Quo(new(big.Rat).Mul(hoursPerMonth, big.NewRat(3600, 1)), h)
	return func(n int64) *big.Rat { return new(big.Rat).Mul(new(big.Rat).SetInt64(max(0, n)), factor) }
}

func floor(r *big.Rat) int64 {
	n := new(big.Int).Quo(r.Num(), r.Denom())
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return n.Int64()
}

func judge(t Traffic) (bool, string) {
	switch lasted := t.Until.Sub(t.Since); {
	case t.Answers == 0:
		return false, "Nothing was asked in this time: there are prices, and no costs for each answer yet."
	case t.Answers < enoughAnswers || lasted < enoughTime:
		return false, fmt.Sprintf("Only %d answers in %.1f hours were recorded: too few for figures to rely on. Come back after a usual week.", t.Answers, lasted.Hours())
	}
	return true, fmt.Sprintf("From %d answers in %.1f days, taken to a month of 730.5 hours.", t.Answers, t.Until.Sub(t.Since).Hours()/24)
}

// boxMonth is what the box costs a month, in millionths.
func boxMonth(o Own, gpuWatts float64) *big.Rat {
	sum := new(big.Rat)
	if o.Years > 0 {
		sum.Quo(o.Purchase.rat(), new(big.Rat).SetInt64(int64(o.Years)*12))
	}
	watts := new(big.Rat).SetInt64(int64(max(0, wattsOf(o, gpuWatts))))
	energy := new(big.Rat).Mul(new(big.Rat).Mul(watts, hoursPerMonth), o.KWh.rat())
	sum.Add(sum, energy.Quo(energy, big.NewRat(1000, 1)))
	return sum.Add(sum, new(big.Rat).Mul(new(big.Rat).SetInt64(int64(o.AdminHours)), o.AdminHour.rat()))
}

// wattsOf is the power that counts: measured where the GPUs tell theirs.
func wattsOf(o Own, gpuWatts float64) int {
	if gpuWatts > 0 && gpuWatts < 1e6 {
		return o.OtherWatts + int(math.Round(gpuWatts))
	}
	return o.Watts
}

func ownNote(o Own, f Facts, t Traffic) string {
	note := fmt.Sprintf("%d W stated", o.Watts)
	if t.GPUWatts > 0 {
		note = fmt.Sprintf("%d W: the GPUs' mean over these days, measured, and %d W stated for the rest", wattsOf(o, t.GPUWatts), o.OtherWatts)
	}
	if f.BoxPerHour > 0 && t.PeakHour > 0 {
		note += fmt.Sprintf("; the busiest hour took %.0f %% of what it can answer within the bound", 100*float64(t.PeakHour)/f.BoxPerHour)
	}
	return note + "."
}

// row shares a month's cost out over hours and answers.
func row(kind, id, name string, month, answers *big.Rat) Row {
	r := Row{Kind: kind, ID: id, Name: name, PerMonth: some(month), PerHour: some(new(big.Rat).Quo(month, hoursPerMonth))}
	if each := share(month, answers); each != nil {
		r.PerThousand = some(each.Mul(each, big.NewRat(1000, 1)))
	}
	return r
}

// cloudRow rents as many GPUs as the busiest hour needs, all the time. What
// cannot answer has no price.
func cloudRow(c Cloud, t Traffic, f Facts, answers *big.Rat) Row {
	count, note := 1, "How many are needed is not known: measure this box on the Capacity page. One is counted."
	class, known := f.Classes[c.GPU]
	rate := class.PerHour
	switch {
	case known && !class.Fits:
		return Row{Kind: "cloud", ID: c.ID, Name: c.Name, Example: c.Example, AsOf: c.AsOf, Note: "Estimate: the measured model does not fit its memory."}
	case known && rate <= 0:
		return Row{Kind: "cloud", ID: c.ID, Name: c.Name, Example: c.Example, AsOf: c.AsOf, Note: "Estimate: it is too slow, one person alone waits longer than the bound."}
	case known:
		count = int(min(max(1, math.Ceil(float64(t.PeakHour)/rate)), 10_000))
		note = fmt.Sprintf("Estimate: one answers about %s questions an hour within the bound; the busiest hour had %d.", about(rate), t.PeakHour)
	}
	month := new(big.Rat).Mul(new(big.Rat).Mul(c.Hour.rat(), hoursPerMonth), new(big.Rat).SetInt64(int64(count)))
	r := row("cloud", c.ID, c.Name, month, answers)
	r.Count, r.Note, r.Example, r.AsOf = count, note, c.Example, c.AsOf
	return r
}

// managedRow pays for tokens.
func managedRow(m Managed, t Traffic, month func(int64) *big.Rat, box *big.Rat, f Facts) Row {
	cached := min(max(t.CachedTokens, 0), max(t.PromptTokens, 0))
	sum := new(big.Rat)
	for _, part := range []struct {
		tokens int64
		price  Money
	}{{t.PromptTokens - cached, m.Input}, {cached, m.Cached}, {t.OutputTokens, m.Output}} {
		sum.Add(sum, new(big.Rat).Mul(month(part.tokens), part.price.rat()))
	}
	sum.Quo(sum, big.NewRat(1_000_000, 1))
	answers := month(t.Answers)
	r := row("managed", m.ID, m.Name, sum, answers)
	r.Example, r.AsOf = m.Example, m.AsOf
	each := share(sum, answers)
	if each == nil || each.Sign() == 0 {
		return r
	}
	even := ceil(new(big.Rat).Quo(box, each))
	r.BreakEven = &even
	r.Note = fmt.Sprintf("From %d answers a month on this box is cheaper.", even)
	if most := f.BoxPerHour * 730.5; most > 0 && float64(even) > most {
		r.Note = fmt.Sprintf("This box would be cheaper from %d answers a month, which is more than it can give (about %.0f).", even, most)
	}
	return r
}

func ceil(r *big.Rat) int64 {
	n := floor(r)
	if n < math.MaxInt64 && new(big.Rat).SetInt64(n).Cmp(r) < 0 {
		n++
	}
	return n
}

// about writes an estimate with the two digits that it is good for.
func about(n float64) string {
	unit := 1.0
	for n/unit >= 100 {
		unit *= 10
	}
	whole := strconv.FormatInt(int64(math.Round(n/unit)*unit), 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole
}
