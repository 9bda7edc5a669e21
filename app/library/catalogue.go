package library

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"alcove/engine"
)

// Purpose says what a model is for.
type Purpose string

// The purposes.
const (
	PurposeChat       Purpose = "chat"       // answers
	PurposeEmbeddings Purpose = "embeddings" // finds passages by meaning
	PurposeReranker   Purpose = "reranker"   // puts found passages into order
)

// Entry is one row of the catalogue: a GGUF file that is worth having. The
// rows are catalogue.json; docs/models.md is made from them.
type Entry struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Family       string  `json:"family"`
	Purpose      Purpose `json:"purpose" enum:"chat,embeddings,reranker"`
	Parameters   string  `json:"parameters"`                                                            // "30.5B"
	Active       string  `json:"active,omitempty" doc:"Parameters that one token needs, where not all"` // "3.3B"
	Architecture string  `json:"architecture"`                                                          // general.architecture of the file
	Quant        string  `json:"quant"`
	// Where to get it on another machine: a site's name, never an address.
	Site       string `json:"site"`
	Repository string `json:"repository"`
	File       string `json:"file"`
	Bytes      int64  `json:"bytes"`
	Exact      bool   `json:"exact" doc:"Whether bytes is exact; else it is about"`
	SHA256     string `json:"sha256" doc:"Empty: not known"`
	Context    int    `json:"context" doc:"Tokens it was trained for"`
	Languages  string `json:"languages"`
	Licence    string `json:"licence"`
	ClassGB    int    `json:"class_gb" enum:"4,8,16,24,48,80" doc:"GiB of GPU memory from which on it fits comfortably"`
	// CacheBytes is an estimate of what a conversation of 8192 tokens takes in
	// the cache (f16, every layer keeping every token).
	CacheBytes int64 `json:"cache_bytes"`
	// ReadPercent is about how much of the weights one token needs: 100 but for
	// mixtures of experts and the like.
	ReadPercent int    `json:"read_percent"`
	Note        string `json:"note"`
	Source      string `json:"source" doc:"Where the row's figures are from"`
}

//go:embed catalogue.json
var catalogueJSON []byte

// Catalogue gives the rows, smallest chat model first, then what is not for chat.
func Catalogue() []Entry {
	var rows []Entry
	if err := json.Unmarshal(catalogueJSON, &rows); err != nil {
		panic(fmt.Errorf("read the catalogue: %w", err)) // embedded
	}
	return rows
}

// Held is a model that is in the folder.
type Held struct {
	ID     string // file name without .gguf
	SHA256 string // "" where it is not known
}

// CatalogueRow is an Entry as it stands on one box.
type CatalogueRow struct {
	Entry
	Need int64 `json:"need" doc:"Bytes it takes with a conversation of 8192 tokens, about"`
	// Verdict is "" where the box does not tell its memory.
	Verdict engine.Verdict `json:"verdict" enum:"fits,fits_partly,wont_fit,"`
	// Tight says that it fits and leaves little, or answers slowly.
	Tight bool `json:"tight"`
	// Have is the model of the folder that is this file, "" for none.
	Have string `json:"have"`
}

// CatalogueView is the catalogue as it stands on one box.
type CatalogueView struct {
	Room Room           `json:"room"`
	Rows []CatalogueRow `json:"rows" nullable:"false"`
	// Recommended is the id of the chat model to get for this box, "" for none.
	Recommended string `json:"recommended"`
}

// ViewCatalogue says of each row whether it fits into room, and whether it is
// in the folder.
func ViewCatalogue(room Room, held []Held) CatalogueView {
	v := CatalogueView{Room: room, Rows: []CatalogueRow{}}
	for _, e := range Catalogue() {
		verdict, tight := room.judge(e)
		v.Rows = append(v.Rows, CatalogueRow{Entry: e, Need: e.need(), Verdict: verdict, Tight: tight, Have: e.find(held)})
	}
	v.Recommended = recommend(v.Rows)
	return v
}

// find gives the model of the folder that is the entry's file: by its hash
// where that is known on both sides, else by its name.
func (e Entry) find(held []Held) string {
	name := strings.TrimSuffix(e.File, ".gguf")
	for _, h := range held {
		if h.SHA256 != "" && e.SHA256 != "" {
			if strings.EqualFold(h.SHA256, e.SHA256) {
				return h.ID
			}
			continue
		}
		if strings.EqualFold(h.ID, name) {
			return h.ID
		}
	}
	return ""
}

// Suggestion is a sentence about the model to get for a box that has none
// but the test model; "" where there is one already, or none fits.
func Suggestion(room Room, models []engine.Model) string {
	for _, m := range models {
		if m.State.Usable() && !m.Test && m.Writes() {
			return ""
		}
	}
	v := ViewCatalogue(room, nil)
	for _, r := range v.Rows {
		if r.ID == v.Recommended {
			return fmt.Sprintf("%s (%s, %s) would fit this machine. Get it on another machine from %s, repository %s, and put it into the models folder",
				r.Name, r.Quant, size(r.Entry), r.Site, r.Repository)
		}
	}
	return ""
}

// size is an entry's size for people, in decimal units.
func size(e Entry) string {
	text := fmt.Sprintf("%.1f GB", float64(e.Bytes)/1e9)
	if !e.Exact {
		return "about " + text
	}
	return text
}
