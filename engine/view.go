package engine

// View is the worker from outside, as its last beat told: who is there and what
// its cache holds. It has numbers and kinds, never text and never a name.
type View struct {
	Steps     uint64 `json:"steps"`                  // of its loop
	UptimeMS  int64  `json:"uptime_ms"`              // from the worker's start to the beat that told this view and Work
	Slots     []Slot `json:"slots" nullable:"false"` // admitted, oldest first, then those that wait
	MoreSlots int    `json:"more_slots"`             // that are not listed
	Tree      []Node `json:"tree" nullable:"false"`  // each before those that go on from it
	MoreNodes int    `json:"more_nodes"`             // that are not listed
}

// Slot is one request in the worker. State is preparing, queued, prefill or
// decode. User tells users apart while this worker lives; it cannot be turned
// back into a name.
type Slot struct {
	ID      uint64 `json:"id"`
	State   string `json:"state"`
	Class   string `json:"class,omitempty"`
	User    string `json:"user,omitempty"`
	Prompt  int    `json:"prompt"`            // tokens
	Cached  int    `json:"cached"`            // of them, those that were not computed
	Have    int    `json:"have"`              // tokens in the cache, of prompt and answer
	Written int    `json:"written"`           // tokens of the answer
	Rows    int    `json:"rows"`              // in the last step
	Place   int    `json:"place,omitempty"`   // in the queue, 1 is next; absent: not known
	Follows uint64 `json:"follows,omitempty"` // waits for what this request reads
}

// Node is a run of tokens that were computed once. Label says who may use it:
// everybody, conversation, key, user, request, or forgotten.
type Node struct {
	Depth  int    `json:"depth"`
	Tokens int    `json:"tokens"`
	Label  string `json:"label"`
	Seqs   int    `json:"seqs"`   // sequences that have it
	InUse  bool   `json:"in_use"` // by an answer; else it is parked
	Pinned bool   `json:"pinned"`
}
