package transcript

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"html/template"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// shown is a step as the page's template wants it.
type shown struct {
	Question, Refused     bool
	About, Ending, Plain  string
	Answer                template.HTML // escaped by answerHTML
	Named, Others         []shownSource
	OthersTitle, RemovedX string
}

type shownSource struct {
	ID, Name, Quote, Facts string
	N                      int
	Marks                  []string
	Removed                bool
}

// Page writes the path to leaf as a page that prints well. It has no script,
// loads nothing, and says so to the browser too.
func (f File) Page(w io.Writer, leaf string) error {
	var steps []shown
	for i, s := range f.path(leaf) {
		v := shown{Question: s.Role == "user", Refused: s.refused(), About: s.about(), Ending: s.ending(), RemovedX: removedText}
		if v.Question {
			v.Plain = visible(s.Text)
		} else {
			var err error
			if v.Answer, err = s.answerHTML(i); err != nil {
				return fmt.Errorf("draw an answer: %w", err)
			}
		}
		named, others := s.proof()
		v.Named, v.Others, v.OthersTitle = shownSources(i, named), shownSources(i, others), "Also looked at"
		if len(named) == 0 {
			v.OthersTitle = "Looked at"
		}
		steps = append(steps, v)
	}
	return page.Execute(w, map[string]any{"Title": f.title(), "About": f.about(), "Steps": steps})
}

func shownSources(step int, list []Source) (out []shownSource) {
	for _, s := range list {
		facts := make([]string, 0, 6)
		for _, fact := range s.facts() {
			facts = append(facts, oneLine(fact))
		}
		out = append(out, shownSource{ID: sourceID(step, s.N), N: s.N, Name: oneLine(s.name()), Quote: s.quote(), Facts: strings.Join(facts, ", "), Marks: s.marks(), Removed: s.Removed})
	}
	return out
}

func sourceID(step, n int) string { return fmt.Sprintf("a%d-%d", step+1, n) }

// answerHTML draws an answer's Markdown. What it does not know it escapes.
func (s step) answerHTML(at int) (template.HTML, error) {
	text, base := written(s.Text)
	d := &drawer{plain: s.Grounding != nil}
	source := visible(text)
	if d.plain {
		source = marked(text, base, s.Grounding.Checks)
	}
	if !parseable(source) {
		return template.HTML("<p class=\"plain\">" + d.finish(html.EscapeString(source), at, s.Sources) + "</p>"), nil //nolint:gosec // escaped
	}
	var b bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), extension.Strikethrough),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(d, 1))))
	if err := md.Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return template.HTML(d.finish(b.String(), at, s.Sources)), nil //nolint:gosec // goldmark escapes text, drawer the rest
}

// finish puts in what the marks stand for. They are in text only: the drawer
// writes no attribute that has any.
func (d *drawer) finish(page string, at int, sources []Source) string {
	known := map[int]bool{}
	for _, s := range sources {
		known[s.N] = true
	}
	page = numberRun.ReplaceAllStringFunc(page, func(run string) string {
		var b strings.Builder
		for _, field := range digits.FindAllString(run, -1) {
			if n, err := strconv.Atoi(field); err == nil && known[n] {
				fmt.Fprintf(&b, `<a class="cite" href="#%s">%d</a>`, sourceID(at, n), n)
			}
		}
		return b.String()
	})
	page = strings.ReplaceAll(page, string(doubtEnd), ` <span class="doubt">`+notFound+`</span>`)
	return unmarked(page)
}

var digits = regexp.MustCompile(`\d+`)

// drawer draws what goldmark would draw with addresses, attributes or HTML.
type drawer struct {
	plain bool // no link at all
}

// RegisterFuncs names what it draws.
func (d *drawer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindLink, d.link)
	r.Register(ast.KindAutoLink, d.autoLink)
	r.Register(ast.KindImage, d.image)
	r.Register(ast.KindRawHTML, d.rawHTML)
	r.Register(ast.KindHTMLBlock, d.htmlBlock)
	r.Register(ast.KindCodeSpan, d.codeSpan)
	r.Register(ast.KindFencedCodeBlock, d.codeBlock)
	r.Register(ast.KindCodeBlock, d.codeBlock)
}

var safeAddress = regexp.MustCompile(`^(?:https?://|mailto:)[^\s<>"'\x{E000}-\x{E003}]+$`)

func (d *drawer) link(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	to := string(node.(*ast.Link).Destination)
	if d.plain || !safeAddress.MatchString(to) {
		return ast.WalkContinue, nil
	}
	if entering {
		fmt.Fprintf(w, `<a href="%s" rel="noreferrer noopener">`, html.EscapeString(to))
	} else {
		w.WriteString("</a>") //nolint:errcheck // a buffer
	}
	return ast.WalkContinue, nil
}

func (d *drawer) autoLink(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(html.EscapeString(string(node.(*ast.AutoLink).Label(source)))) //nolint:errcheck // a buffer
	}
	return ast.WalkSkipChildren, nil
}

// image leaves the words that stand for a picture.
func (d *drawer) image(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkContinue, nil
}

func (d *drawer) rawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		segments := node.(*ast.RawHTML).Segments
		for i := range segments.Len() {
			s := segments.At(i)
			w.WriteString(html.EscapeString(string(s.Value(source)))) //nolint:errcheck // a buffer
		}
	}
	return ast.WalkSkipChildren, nil
}

func (d *drawer) htmlBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		block := node.(*ast.HTMLBlock)
		text := linesOf(node, source)
		if block.HasClosure() {
			text += string(block.ClosureLine.Value(source))
		}
		fmt.Fprintf(w, "<p class=\"plain\">%s</p>\n", html.EscapeString(text))
	}
	return ast.WalkSkipChildren, nil
}

func (d *drawer) codeSpan(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		var text strings.Builder
		for c := node.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				text.Write(t.Segment.Value(source))
			}
		}
		fmt.Fprintf(w, "<code>%s</code>", html.EscapeString(unmarked(text.String())))
	}
	return ast.WalkSkipChildren, nil
}

func (d *drawer) codeBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		fmt.Fprintf(w, "<pre><code>%s</code></pre>\n", html.EscapeString(unmarked(linesOf(node, source))))
	}
	return ast.WalkSkipChildren, nil
}

func linesOf(node ast.Node, source []byte) string {
	var b strings.Builder
	for i := range node.Lines().Len() {
		line := node.Lines().At(i)
		b.Write(line.Value(source))
	}
	return b.String()
}
