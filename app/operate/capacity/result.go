package capacity

import "time"

// Shape is the size of a usual question, in tokens.
type Shape struct {
	Shared int `json:"shared" doc:"Tokens that everybody's prompt begins with; computed once."`
	Own    int `json:"own" doc:"Tokens that only one prompt has."`
	Answer int `json:"answer" doc:"Tokens of an answer."`
	// Recorded is how many recorded answers it is the median of; 0: it is the
	// default.
	Recorded int `json:"recorded"`
	// Shortened says that the shared text was cut to fit the model's context.
	Shortened bool `json:"shortened"`
}

// DefaultShape is a question about a handbook.
var DefaultShape = Shape{Shared: 900, Own: 60, Answer: 120}

// enoughAnswers is how many recorded answers make a shape.
const enoughAnswers = 50

// templateRoom is what a chat template may add to a prompt, in tokens.
const templateRoom = 64

// within makes a shape fit a model's context.
func (s Shape) within(context int) Shape {
	if context <= 0 || s.Shared+s.Own+s.Answer+templateRoom <= context {
		return s
	}
	s.Shortened = true
	s.Own = min(s.Own, max(context/4, 8))
	s.Answer = min(s.Answer, max(context/4, 8))
	s.Shared = max(0, context-s.Own-s.Answer-templateRoom)
	return s
}

// Settings are what a measurement is asked for.
type Settings struct {
	Bound float64 `json:"bound_seconds" minimum:"0.1" maximum:"60" doc:"The first token shall come within this, for 95 of 100 questions."`
	Every float64 `json:"every_minutes" minimum:"0.1" maximum:"1440" doc:"An employee asks once in so many minutes."`
	Most  int     `json:"most_people" minimum:"1" maximum:"256" doc:"Never more people at once than this."`
}

// DefaultSettings are used for what is not set.
var DefaultSettings = Settings{Bound: 3, Every: 3, Most: 64}

// Step is what so many people at once saw. Times are in seconds, rates a second
// but for PerMinute.
type Step struct {
	People    int     `json:"people"`
	Answers   int     `json:"answers"`
	Failed    int     `json:"failed"`
	FirstP50  float64 `json:"first_token_p50_seconds"`
	FirstP95  float64 `json:"first_token_p95_seconds"`
	GapP95    float64 `json:"gap_p95_seconds" doc:"Between tokens; of the answers' means"`
	Each      float64 `json:"tokens_per_second_each"`
	Together  float64 `json:"tokens_per_second_together"`
	PerMinute float64 `json:"answers_per_minute"`
	Prompt    int     `json:"prompt_tokens"`
	Computed  int     `json:"computed_tokens" doc:"Of the prompt, those that were computed"`
	Output    int     `json:"output_tokens"`
	Seconds   float64 `json:"seconds"`
	Preempted int     `json:"preempted" doc:"Answers that gave up their place or cells for a while"`
	Client    float64 `json:"client_percent" doc:"Share of the machine that this program itself took"`
	// What was expected of this step from the first one alone.
	Predicted *Prediction `json:"predicted,omitempty"`
}

// Prediction is what is expected before it is measured, and what was measured
// divided by it.
type Prediction struct {
	FirstP95      float64 `json:"first_token_p95_seconds"`
	Together      float64 `json:"tokens_per_second_together"`
	FirstRatio    float64 `json:"first_token_ratio" doc:"Predicted / measured"`
	TogetherRatio float64 `json:"tokens_ratio" doc:"Predicted / measured"`
}

// Facts are what is known of the model and where it runs.
type Facts struct {
	Model      string  `json:"model"`
	Quant      string  `json:"quant,omitempty"`
	KV         string  `json:"kv,omitempty"`
	Device     string  `json:"device"`
	Library    string  `json:"library,omitempty"`
	Bytes      int64   `json:"weights_bytes"`
	Parameters float64 `json:"parameters" doc:"0: not known"`
	// Active and Read are less than all of a mixture of experts. What was
	// measured before they were kept is of unknown share: 0.
	Active     float64 `json:"active_parameters,omitempty" doc:"That one token uses; absent: not known"`
	Read       float64 `json:"weights_read,omitempty" doc:"Share of the weights' bytes that one token reads, 0..1; absent: not known"`
	KVPerToken float64 `json:"kv_bytes_per_token" doc:"0: not known"`
	Slots      int     `json:"slots"`
	Cells      int     `json:"cells" doc:"Tokens that the cache holds; 0: not known"`
	Context    int     `json:"context"`
	// Memory is what models may use on the device, in bytes; 0: not known.
	Memory int64 `json:"memory_bytes"`
}

// Status is how a measurement ended.
type Status string

// The statuses.
const (
	StatusDone    Status = "done"
	StatusStopped Status = "stopped" // by somebody; the steps until then are kept
	StatusFailed  Status = "failed"
)

// Result is a measurement.
type Result struct {
	ID        string    `json:"id"`
	Status    Status    `json:"status" enum:"done,stopped,failed"`
	Error     string    `json:"error,omitempty"`
	Because   string    `json:"because" doc:"Why it ended where it did, a sentence."`
	Facts     Facts     `json:"facts"`
	Settings  Settings  `json:"settings"`
	Shape     Shape     `json:"shape"`
	Prefill   float64   `json:"prefill_tokens_per_second" doc:"Reading a prompt that nobody has read before"`
	Steps     []Step    `json:"steps" nullable:"false"`
	Repeated  int       `json:"repeated" doc:"Steps that were thrown away since a person asked"`
	Serves    Serves    `json:"serves"`
	Employees int       `json:"employees" doc:"About so many people who ask every so many minutes"`
	Limit     Limit     `json:"limit"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
}

// Serves is how many people at once keep the bound.
type Serves struct {
	People int `json:"people" doc:"0: not even one"`
	// AtLeast says that more were not tried.
	AtLeast  bool   `json:"at_least"`
	Sentence string `json:"sentence"`
}

// LimitKind is what keeps more people from being served.
type LimitKind string

// The kinds.
const (
	LimitCompute   LimitKind = "compute"   // reading prompts
	LimitBandwidth LimitKind = "bandwidth" // writing tokens, each of which reads the weights
	LimitMemory    LimitKind = "memory"    // cells or places
	LimitClient    LimitKind = "client"    // this program itself
	LimitNone      LimitKind = "none"      // nothing yet
	LimitUnknown   LimitKind = "unknown"
)

// Limit says what limits, in a word and in a sentence.
type Limit struct {
	Kind     LimitKind `json:"kind" enum:"compute,bandwidth,memory,client,none,unknown"`
	Sentence string    `json:"sentence"`
}

// conclude makes of the steps what they say.
func (r *Result) conclude(stop Stop) {
	r.Because = stop.Sentence
	if r.Facts.Read <= 0 {
		r.Because += " Nothing is estimated: a token of this model uses a part of its weights only, and how large a part is not known."
	}
	r.Serves = serves(r.Steps, r.Settings.Bound)
	r.Employees = Employees(r.Steps, r.Serves.People, r.Settings.Every)
	r.Limit = limitOf(*r, stop)
	predictSteps(r)
}
