package extract

import (
	"regexp"
	"strings"
)

// Sanitize takes characters out of a text that have no width, and gives what
// they spell where they spell something: letters of the tag block do. Joiners
// inside of emoji and scripts that need them stay. odd counts what was taken.
func Sanitize(text string) (clean, secret string, odd int) {
	if !strings.ContainsFunc(text, unseen) {
		return text, "", 0
	}
	var kept, spelt strings.Builder
	for _, r := range text {
		switch {
		case r >= 0xe0020 && r <= 0xe007e:
			spelt.WriteRune(r - 0xe0000)
			odd++
		case unseen(r):
			odd++
		default:
			kept.WriteRune(r)
		}
	}
	return kept.String(), spelt.String(), odd
}

// unseen says whether a character has neither ink nor width. ZWJ and ZWNJ are
// not among them: Persian, Hindi and emoji need them.
func unseen(r rune) bool {
	switch {
	case r == 0x200b, r == 0x2060, r == 0xfeff, r == 0x180e, r == 0x200e, r == 0x200f:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2061 && r <= 0x2064, r >= 0x2066 && r <= 0x2069: // directions, invisible operators
		return true
	case r >= 0xe0000 && r <= 0xe0fff: // tags and variation selectors that can carry bytes
		return true
	}
	return false
}

// spoken finds sentences that speak to a model, not to people. It is a flag for
// a person, not a defence: nothing that a document says has any effect.
var spoken = regexp.MustCompile(`(?i)\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|previous|prior|above|rule|guideline)|` +
	`\b(?:ignoriere?|vergiss|missachte)\b.{0,40}\b(?:anweisung|vorherig|regel|obig)|` +
	`\b(?:you are|act as|behave as|pretend to be|du bist|sie sind) (?:now |jetzt |nun )?(?:an? |ein(?:e)? )?(?:\w+ )?(?:ai\b|assistant|language model|llm|chatbot|ki\b|assistent|sprachmodell)|` +
	`\bsystem prompt\b|<\|?(?:im_start|system|assistant)\|?>|\[/?INST\]|` +
	`\b(?:ai|llm|assistant|model|chatbot|gpt|ki)\b.{0,30}\b(?:must|should|shall|muss|soll)\b.{0,30}\b(?:answer|respond|say|reply|output|antwort\w*|sag\w*)`)

// SpeaksToModel says whether a text, of a file's metadata, reads like an
// instruction to a language model.
func SpeaksToModel(text string) bool { return spoken.MatchString(cut(text, 20_000)) }
