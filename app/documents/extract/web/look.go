package web

import (
	"regexp"
	"strconv"
	"strings"

	"alcove/app/documents/extract/clean"
)

// look is how an element looks, as far as it tells whether a reader sees it.
type look struct {
	gone      bool // not displayed: nothing inside is either
	invisible bool
	tiny      bool
	color     clean.Color
	ground    clean.Color
	painted   bool // the ground was set, even if its colour is unknown
	pre       bool // line breaks count
}

func (l look) hidden() bool {
	ground := l.ground
	if !l.painted {
		ground = clean.White
	}
	return l.gone || l.invisible || l.tiny || clean.Unreadable(l.color, ground)
}

// sheet are the rules of a page's own styles whose selector is one class, id
// or element: enough for what hides text, without being a browser.
type sheet struct {
	rules map[string]string
	bytes int
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssRule    = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	simple     = regexp.MustCompile(`^[.#]?[\w-]+$`)
)

// read takes a style element.
func (s *sheet) read(css string) {
	if s.bytes += len(css); s.bytes > 1<<20 {
		return
	}
	if s.rules == nil {
		s.rules = map[string]string{}
	}
	for _, rule := range cssRule.FindAllStringSubmatch(cssComment.ReplaceAllString(css, ""), 20_000) {
		for selector := range strings.SplitSeq(rule[1], ",") {
			selector = strings.TrimSpace(selector)
			if simple.MatchString(selector) && len(s.rules[selector]) < 4096 {
				s.rules[selector] += ";" + rule[2]
			}
		}
	}
}

// look is that of an element inside one that looks like outer.
func (s *sheet) look(name string, attr map[string]string, outer look) look {
	l := outer
	_, hidden := attr["hidden"]
	_, open := attr["open"]
	if hidden || name == "dialog" && !open {
		l.gone = true
	}
	l.pre = l.pre || name == "pre" || name == "textarea"
	if name == "font" || name == "body" || name == "td" || name == "tr" || name == "table" {
		l.apply("color", firstOf(attr["color"], attr["text"]))
		l.apply("background", attr["bgcolor"])
	}
	styles := []string{s.rules[name]}
	for i, class := range strings.Fields(attr["class"]) {
		if i < 16 {
			styles = append(styles, s.rules["."+class])
		}
	}
	if attr["id"] != "" {
		styles = append(styles, s.rules["#"+attr["id"]])
	}
	l.declare(strings.Join(append(styles, attr["style"]), ";"))
	return l
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// declare takes the declarations of a style in order.
func (l *look) declare(css string) {
	var clipped, absolute, small, away bool
	for declaration := range strings.SplitSeq(css, ";") {
		name, value, found := strings.Cut(declaration, ":")
		if !found {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important")))
		switch name {
		case "position":
			absolute = value == "absolute" || value == "fixed"
		case "overflow":
			clipped = value == "hidden"
		case "left", "top", "right", "bottom":
			away = away || number(value) <= -500
		case "width", "height", "max-height", "max-width":
			small = small || startsWithDigit(value) && number(value) <= 1 && (number(value) == 0 || !strings.HasSuffix(value, "em") && !strings.HasSuffix(value, "%"))
		default:
			l.apply(name, value)
		}
	}
	l.gone = l.gone || clipped && small || absolute && away
}

// apply takes one declaration.
func (l *look) apply(name, value string) {
	if value == "" {
		return
	}
	switch name {
	case "display":
		l.gone = l.gone || value == "none"
	case "visibility":
		l.invisible = value == "hidden" || value == "collapse"
	case "opacity":
		l.gone = l.gone || startsWithDigit(value) && number(value) < 0.06
	case "font-size":
		if startsWithDigit(value) {
			small := 4.0 // pixels or points
			if strings.HasSuffix(value, "em") || strings.HasSuffix(value, "%") && number(value) < 10 {
				small = 0.2
			}
			l.tiny = number(value) <= small && !(strings.HasSuffix(value, "%") && number(value) >= 10)
		}
	case "color":
		if value == "transparent" {
			l.gone = true
		}
		l.color = clean.ParseColor(value)
	case "background", "background-color":
		first, _, _ := strings.Cut(value, " ")
		if strings.HasPrefix(value, "rgb") {
			first = value
		}
		if first != "transparent" && first != "none" && first != "inherit" {
			l.ground, l.painted = clean.ParseColor(first), true
		}
	case "text-indent":
		l.gone = l.gone || number(value) <= -500
	case "clip":
		l.gone = l.gone || strings.Contains(value, "rect(0") || strings.Contains(value, "rect(1px")
	case "clip-path":
		l.gone = l.gone || strings.Contains(value, "inset(50%") || strings.Contains(value, "inset(100%") || strings.Contains(value, "circle(0")
	case "white-space":
		l.pre = strings.HasPrefix(value, "pre")
	}
}

// number is the number that a length begins with; NaN never, 0 where there is none.
func number(s string) float64 {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.' || n == 0 && s[n] == '-') {
		n++
	}
	f, err := strconv.ParseFloat(s[:n], 64)
	if err != nil {
		return 0
	}
	return f
}

func startsWithDigit(s string) bool { return s != "" && (s[0] >= '0' && s[0] <= '9' || s[0] == '.') }

var isoDay = regexp.MustCompile(`^\s*(\d{4}-\d{2}-\d{2})`)

// day is the day that a time begins with.
func day(s string) string {
	if m := isoDay.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}
