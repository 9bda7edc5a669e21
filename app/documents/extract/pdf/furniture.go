package pdf

import (
	"regexp"
	"strings"
)

// Where running headers and footers stand, as a part of the page's height.
const margin = 0.12

var (
	pageNumber = regexp.MustCompile(`^(?i)[-–—|• ]*(?:page|seite|página|pagina|pág\.|pag\.|p\.|s\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*(?:(?:of|von|/|de|di|sur|\|)\s*\d{1,4})?[-–—|• ]*$`)
	digits     = regexp.MustCompile(`\d+`)
)

// paper is one page as lines.
type paper struct {
	sheet
	lines []line
}

// strip takes page numbers, running headers and footers out of the pages. It
// gives their texts, each once: they may say from when a document holds.
func strip(pages []paper) []string {
	seen := map[string]int{}
	for _, p := range pages {
		on := map[string]bool{}
		for _, l := range p.lines {
			if p.inMargin(l) {
				on[running(l)] = true
			}
		}
		for key := range on {
			seen[key]++
		}
	}
	var texts []string
	told := map[string]bool{}
	for i := range pages {
		p := &pages[i]
		kept := p.lines[:0]
		for _, l := range p.lines {
			key := running(l)
			switch {
			case !p.inMargin(l):
				kept = append(kept, l)
			case pageNumber.MatchString(l.text()) && !(len(pages) == 1 && l.top < p.height/2):
			case seen[key] >= needed(len(pages)):
				if !told[key] && len(texts) < 50 {
					told[key] = true
					texts = append(texts, l.text())
				}
			default:
				kept = append(kept, l)
			}
		}
		p.lines = kept
	}
	return texts
}

// needed is on how many pages a line must be to be running.
func needed(pages int) int {
	if pages <= 3 {
		return 2
	}
	return max(3, pages/4)
}

func (p *paper) inMargin(l line) bool {
	return l.bottom < margin*p.height || l.top > (1-margin)*p.height
}

// running is what lines that run over pages have in common.
func running(l line) string {
	return strings.ToLower(digits.ReplaceAllString(l.text(), "#"))
}
