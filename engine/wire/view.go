package wire

// View is the loop from outside: who is there and what the cache holds. It has
// numbers and kinds, never text and never a name.
type View struct {
	Slots     []Slot `json:"slots,omitempty"` // admitted, oldest first, then those that wait
	MoreSlots int    `json:"more_slots,omitempty"`
	Tree      []Node `json:"tree,omitempty"` // each before those that go on from it
	MoreNodes int    `json:"more_nodes,omitempty"`
}

// Slot is one request. State is preparing, queued, prefill or decode. User
// tells users apart while this worker lives; it cannot be turned back.
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
	Place   int    `json:"place,omitempty"`   // in the queue, 1 is next; 0: not known
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
