package library

import (
	"fmt"
	"strings"
)

// Document is docs/models.md, made from the catalogue.
func Document() string {
	var b strings.Builder
	b.WriteString(documentHead)
	for _, part := range []struct {
		purpose Purpose
		title   string
	}{
		{PurposeChat, "For chat"}, {PurposeEmbeddings, "For finding passages (embeddings)"}, {PurposeReranker, "For ordering passages (rerankers)"},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n", part.title)
		b.WriteString("| memory | model | parameters | quantisation | size | context | languages | licence | what for |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
		for _, e := range Catalogue() {
			if e.Purpose != part.purpose {
				continue
			}
			parameters := e.Parameters
			if e.Active != "" {
				parameters += ", " + e.Active + " a token"
			}
			fmt.Fprintf(&b, "| %d GB | %s | %s | %s | %s | %d | %s | %s | %s |\n",
				e.ClassGB, e.Name, parameters, e.Quant, size(e), e.Context, e.Languages, e.Licence, e.Note)
		}
	}
	b.WriteString("\n## Where to get them\n\nOn another machine, with a browser. Compare the SHA-256 afterwards (`sha256sum FILE`).\n")
	for _, e := range Catalogue() {
		bytes, sum := fmt.Sprintf("%d bytes", e.Bytes), "SHA-256 not known"
		if !e.Exact {
			bytes = size(e)
		}
		if e.SHA256 != "" {
			sum = "SHA-256 `" + e.SHA256 + "`"
		}
		fmt.Fprintf(&b, "- **%s**: %s, repository `%s`, file `%s`; %s; %s. %s\n", e.Name, e.Site, e.Repository, e.File, bytes, sum, e.Source)
	}
	return b.String()
}

const documentHead = `# Models worth having

Made from ` + "`app/library/catalogue.json`; `go test ./app/library -run TestDocument -update`" + ` rewrites this page. The Models page shows the same rows with a verdict for the box,
` + "`GET /api/v1/catalogue`" + ` gives them, and ` + "`alcove doctor`" + ` names the one that fits while there is only the test model.

Alcove fetches nothing by itself. Put a file into the models folder, or drop it on the Models page: it is looked into, and can be asked a moment later.
All of them are open weights under licences that allow use at work. llama.cpp v0.5.0, which Alcove runs, knows their architectures. **This project has not run them**:
sizes and hashes are as public sources state them (below, at each), and how well one does your work is what the [house check](check.md) is for.
Chat models that think aloud before each answer were left out, because answers would begin late.
Alcove answers with chat models; an embedder in the folder finds passages in documents, and a reranker puts them in order. multilingual-e5-small comes with Alcove; MiniLM comes too, for boxes whose documents and questions are all English.

**memory** is the smallest of 4, 8, 16, 24, 48 and 80 GB of GPU memory on which the model fits comfortably, with one conversation of 8192 tokens.
Without a GPU a model lies in the machine's memory and is slower: each token reads the weights that it needs, so one with few parameters a token is the better choice there.
The rule: weights + cache of 8192 tokens (16 bit, every layer keeping every token) + a twentieth of the weights for the steps' buffers; 512 MB of a GPU and an eighth of the machine's memory stay free;
comfortable is up to 85 % of the rest. Without a GPU at most 5.5 GB may be read for a token. It is an estimate before the file is there; once it is, the model's card shows the exact plan.
`
