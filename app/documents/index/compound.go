package index

import (
	"slices"
	"strings"
)

// German writes compounds as one word: "Elternzeitantrag". The words that the
// index knows say where one is put together: both parts must occur by
// themselves somewhere. There is no list of words to keep.
const (
	minCompound = 9 // letters
	minPart     = 4
)

// joints are what German puts between the parts.
var joints = []string{"", "s", "es", "n", "en", "er"}

// noParts are endings that look like words.
var noParts = set("schaft haft bar sam los lich isch heit keit ung tion tionen ungen igkeit weise fach mals")

// splits lists the ways in which a folded word could be put together of two,
// each with what the first part could be without its joint.
func splits(folded string) (out [][2]string) {
	r := []rune(folded)
	if len(r) < minCompound || hasDigit(folded) {
		return nil
	}
	for at := minPart; at <= len(r)-minPart; at++ {
		right := string(r[at:])
		if noParts[right] {
			continue
		}
		for _, joint := range joints {
			left, found := strings.CutSuffix(string(r[:at]), joint)
			if found && len([]rune(left)) >= minPart {
				out = append(out, [2]string{left, right})
			}
		}
	}
	return out
}

// partsOf picks the split both of whose parts are known: the one whose shorter
// part is longest, since short parts fit by chance. It gives the stems of the
// parts, or nil.
func partsOf(folded string, stem func(string) string, known func(string) bool) []string {
	var best [2]string
	length := 0
	for _, s := range splits(folded) {
		shorter := min(len(s[0]), len(s[1]))
		if shorter > length && (known(s[0]) || known(stem(s[0]))) && (known(s[1]) || known(stem(s[1]))) {
			best, length = s, shorter
		}
	}
	if length == 0 {
		return nil
	}
	return slices.Compact([]string{stem(best[0]), stem(best[1])})
}
