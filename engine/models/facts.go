package models

import (
	"slices"
	"strings"
	"unicode"
)

// Facts are what a file says of itself for people. A file is made by strangers:
// texts are short, printable and valid UTF-8, and nothing in them is believed.
type Facts struct {
	Quant      string   // "Q4_K_M", or the type that most of its bytes have; empty when unknown
	License    string   // its name, and its address where it has one; empty when it says none
	Languages  []string // as the file writes them: "en"
	Chat       bool     // brings a chat template
	Embeddings bool     // gives numbers for a text, and writes none
	Reranker   bool     // says how well a passage answers a question, and writes nothing
	Adapters   []string // IDs of the LoRA files that fit it, sorted
}

// Bounds of texts, in characters.
const (
	maxTitle     = 200
	maxLicense   = 120
	maxLink      = 200
	maxLanguage  = 32
	maxLanguages = 64
)

// notes are the keys of a header that Facts are made of.
type notes struct {
	typ         string // general.type: "model", "adapter", "mmproj", ...
	adapter     string // adapter.type
	license     string
	licenseName string
	licenseLink string
	languages   []string
	template    bool
	fileType    int64 // general.file_type; -1: none
	pooling     map[string]uint32
	bytesOf     map[uint32]uint64 // of matrices, by their type
	adapts      adapts
}

func newNotes() notes {
	return notes{fileType: -1, pooling: map[string]uint32{}, bytesOf: map[uint32]uint64{}}
}

// noteValue reads the value of a key that Facts need. It reports false, and has
// read nothing, for other keys.
func (p *parser) noteValue(key string, typ uint32, n *notes) bool {
	texts := map[string]*string{"general.type": &n.typ, "adapter.type": &n.adapter, "general.license": &n.license,
		"general.license.name": &n.licenseName, "general.license.link": &n.licenseLink}
	pooling, isPooling := strings.CutSuffix(key, ".pooling_type")
	switch to := texts[key]; {
	case to != nil && typ == typeString:
		*to = p.head(maxName)
	case key == "general.languages" && typ == typeArray:
		n.languages = p.languages()
	case key == "general.file_type" && typ == typeUint32:
		n.fileType = int64(p.u32())
	case key == "tokenizer.chat_template" && typ == typeString:
		length := p.u64()
		n.template = length > 0
		p.skip(length)
	case isPooling && typ == typeUint32:
		v := p.u32()
		if len(n.pooling) < maxNumbers {
			n.pooling[pooling] = v
		}
	default:
		return false
	}
	return true
}

// head reads a string and keeps its first bytes.
func (p *parser) head(keep uint64) string {
	n := p.u64()
	if p.err != nil {
		return ""
	}
	if n > maxHeader {
		p.fail("text of %d bytes", n)
		return ""
	}
	s := string(p.bytes(int(min(n, keep))))
	p.skip(n - min(n, keep))
	return s
}

// languages reads an array of texts; of another array it reads nothing.
func (p *parser) languages() []string {
	elem, count := p.u32(), p.u64()
	if p.err == nil && count > maxElems {
		p.fail("array of %d", count)
	}
	if p.err != nil {
		return nil
	}
	if elem != typeString {
		p.skipElements(elem, count, 0)
		return nil
	}
	var list []string
	for i := uint64(0); i < count && p.err == nil; i++ {
		if s := clean(p.head(4*maxLanguage), maxLanguage); s != "" && len(list) < maxLanguages && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// weigh counts the bytes of a matrix for its type. What has one dimension is
// never quantised.
func (n *notes) weigh(typ, dims uint32, bytes uint64) {
	if dims > 1 {
		n.bytesOf[typ] += bytes // a sum that wraps is only shown
	}
}

// facts are the notes in the words of people.
func (n *notes) facts(architecture string) Facts {
	f := Facts{Quant: n.quant(), License: n.licence(), Languages: n.languages, Chat: n.template}
	const mean, cls, last, rank = 1, 2, 3, 4 // llama.cpp's pooling
	pooling := n.pooling[architecture]
	f.Embeddings = pooling >= mean && pooling <= last || slices.Contains(encoders, architecture) && pooling <= last
	f.Reranker = pooling == rank
	return f
}

// Writes says that the model answers in words.
func (f Facts) Writes() bool { return !f.Embeddings && !f.Reranker }

// encoders are architectures that read a whole text and write none.
var encoders = []string{"bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3",
	"eurobert", "gemma-embedding", "llama-embed", "t5encoder"}

func (n *notes) licence() string {
	name, link := clean(n.licenseName, maxLicense), clean(n.licenseLink, maxLink)
	if name == "" {
		name = clean(n.license, maxLicense)
	}
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") || strings.ContainsAny(link, " ") {
		return name
	}
	return strings.TrimSpace(name + " " + link)
}

// quant is what the file says that it is, if its tensors agree: a name that no
// matrix bears out is a mistake of who converted it, or a lie.
func (n *notes) quant() string {
	const guessed = 1024 // bit of general.file_type
	said, known := fileTypes[n.fileType&^guessed]
	most, base := uint64(0), ""
	for typ, bytes := range n.bytesOf {
		name := tensorTypes[typ]
		if known && name == said.base {
			return said.name
		}
		if bytes > most || bytes == most && name < base {
			most, base = bytes, name
		}
	}
	if len(n.bytesOf) == 0 && known {
		return said.name // the first part of a split model may have no tensors
	}
	return base
}

// clean makes a text of a file fit to be shown: valid, in one line, without
// what is invisible or turns the writing direction, and of at most n characters.
func clean(s string, n int) string {
	s = s[:min(len(s), 8*n+64)]
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return s
}

// tensorTypes are ggml's names (ggml.c).
var tensorTypes = map[uint32]string{
	0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K",
	14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
	24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}

// fileType is a mixture of tensor types: its name, and the type that it is
// never without.
type fileType struct{ name, base string }

// fileTypes are llama.cpp's (llama.h, enum llama_ftype).
var fileTypes = map[int64]fileType{
	0: {"F32", "F32"}, 1: {"F16", "F16"}, 2: {"Q4_0", "Q4_0"}, 3: {"Q4_1", "Q4_1"}, 7: {"Q8_0", "Q8_0"}, 8: {"Q5_0", "Q5_0"}, 9: {"Q5_1", "Q5_1"},
	10: {"Q2_K", "Q2_K"}, 11: {"Q3_K_S", "Q3_K"}, 12: {"Q3_K_M", "Q3_K"}, 13: {"Q3_K_L", "Q3_K"}, 14: {"Q4_K_S", "Q4_K"}, 15: {"Q4_K_M", "Q4_K"},
	16: {"Q5_K_S", "Q5_K"}, 17: {"Q5_K_M", "Q5_K"}, 18: {"Q6_K", "Q6_K"}, 19: {"IQ2_XXS", "IQ2_XXS"}, 20: {"IQ2_XS", "IQ2_XS"}, 21: {"Q2_K_S", "Q2_K"},
	22: {"IQ3_XS", "IQ3_S"}, 23: {"IQ3_XXS", "IQ3_XXS"}, 24: {"IQ1_S", "IQ1_S"}, 25: {"IQ4_NL", "IQ4_NL"}, 26: {"IQ3_S", "IQ3_S"}, 27: {"IQ3_M", "IQ3_S"},
	28: {"IQ2_S", "IQ2_XS"}, 29: {"IQ2_M", "IQ2_S"}, 30: {"IQ4_XS", "IQ4_XS"}, 31: {"IQ1_M", "IQ1_M"}, 32: {"BF16", "BF16"}, 36: {"TQ1_0", "TQ1_0"},
	37: {"TQ2_0", "TQ2_0"}, 38: {"MXFP4", "MXFP4"},
}
