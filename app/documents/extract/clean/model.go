package clean

import (
	"regexp"
	"strconv"
	"strings"

	"alcove/app/documents/extract"
)

// spoken are ways in which a text speaks to a model, in more languages than
// extract.SpeaksToModel knows.
var spoken = regexp.MustCompile(`(?i)\b(ignore|disregard|forget|override|ignoriere|ignorier|vergiss|missachte|ignorez|oubliez|ignora|olvida|dimentica|ignorare)\b[^.\n]{0,60}\b(instruction|instructions|prompt|prompts|rules|anweisung|anweisungen|regeln|instrucciones|reglas|istruzioni|regole|consignes|règles|previous|above|vorherigen|bisherigen)\b` +
	`|\bsystem[ _-]?prompt\b|\bsystem ?:|<\|?(im_start|im_end|system|endoftext)\|?>|\[/?INST\]` +
	`|\byou are (now )?(an? )?(ai|assistant|language model|llm|chatbot|dan)\b|\bdu bist (jetzt )?(eine? )?(ki|assistent|sprachmodell|chatbot)\b` +
	`|\b(as an ai|language model|large language model|chatgpt|sprachmodell|llm|ki-assistent|ai assistant|ai model|modèle de langage|modelo de lenguaje|modello linguistico)\b` +
	`|\b(reveal|print|repeat|output)\b[^.\n]{0,40}\b(prompt|instructions|secret|password|canary)\b` +
	`|\b(do not|don't|never) (tell|mention|reveal|inform)\b[^.\n]{0,40}\buser\b|\bnew instructions?\b|\bneue anweisung(en)?\b`)

// SpeaksToModel says whether a text that people do not read addresses a model.
func SpeaksToModel(text string) bool {
	return extract.SpeaksToModel(text) || spoken.MatchString(Short(text, 1<<16))
}

// Color is a colour: red, green and blue, 0..255. The zero value is unknown.
type Color struct {
	R, G, B uint8
	Known   bool
}

// White is the colour of paper.
var White = Color{255, 255, 255, true}

// named are the colours of HTML that hide text on white, and black.
var named = map[string]Color{
	"white": White, "snow": {255, 250, 250, true}, "ivory": {255, 255, 240, true}, "ghostwhite": {248, 248, 255, true},
	"whitesmoke": {245, 245, 245, true}, "floralwhite": {255, 250, 240, true}, "black": {0, 0, 0, true},
	"red": {255, 0, 0, true}, "blue": {0, 0, 255, true}, "green": {0, 128, 0, true}, "gray": {128, 128, 128, true}, "grey": {128, 128, 128, true},
	"yellow": {255, 255, 0, true}, "navy": {0, 0, 128, true}, "silver": {192, 192, 192, true}, "darkblue": {0, 0, 139, true},
}

// ParseColor reads "FFFFFF", "#fff", "#ffffff", "white" and "rgb(255, 255, 255)".
// Anything else, and "auto", is unknown.
func ParseColor(s string) Color {
	s = strings.ToLower(strings.TrimSpace(s))
	if c, ok := named[s]; ok {
		return c
	}
	if inner, ok := strings.CutPrefix(s, "rgb"); ok {
		return parseRGB(inner)
	}
	hex := strings.TrimPrefix(s, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	if len(hex) == 8 && !strings.HasPrefix(s, "#") { // ARGB
		hex = hex[2:]
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		return Color{}
	}
	return Color{uint8(n >> 16), uint8(n >> 8), uint8(n), true}
}

func parseRGB(s string) Color {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("a(), /", r) })
	if len(parts) < 3 {
		return Color{}
	}
	var n [3]uint8
	for i := range n {
		v, err := strconv.ParseUint(parts[i], 10, 8)
		if err != nil {
			return Color{}
		}
		n[i] = uint8(v)
	}
	return Color{n[0], n[1], n[2], true}
}

// Unreadable says whether text of one colour cannot be told from the ground it
// stands on. Where one of them is unknown, it can be read.
func Unreadable(text, ground Color) bool {
	if !text.Known || !ground.Known {
		return false
	}
	far := func(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }
	return far(text.R, ground.R)+far(text.G, ground.G)+far(text.B, ground.B) <= 24
}
