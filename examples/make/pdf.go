package main

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// style is that of a printed handbook: a head and a foot on every page,
// chapters on pages of their own, heads of tables repeated.
const style = `
@page { size: A4; margin: 26mm 24mm 24mm;
  @top-left { content: "%s"; font: 8.5pt sans-serif; color: #555 }
  @top-right { content: "%s"; font: 8.5pt sans-serif; color: #555 }
  @bottom-left { content: "%s"; font: 8.5pt sans-serif; color: #555 }
  @bottom-right { content: "%s " counter(page) " / " counter(pages); font: 8.5pt sans-serif; color: #555 } }
body { font: 10.5pt/1.5 "DejaVu Serif", serif; margin: 0; hyphens: none }
h1, h2, h3, th { font-family: "DejaVu Sans", sans-serif }
h1 { font-size: 17pt; margin: 11mm 0 5mm; line-height: 1.2; break-after: avoid }
nav { break-before: page; columns: 2; column-gap: 10mm } nav h1 { margin-top: 0; column-span: all } main { break-before: page }
h2 { font-size: 13pt; margin: 7mm 0 2mm; break-after: avoid }
.cover h1 { margin-top: 70mm; font-size: 30pt }
table { border-collapse: collapse; width: 100%%; margin: 4mm 0; font-size: 9.5pt; line-height: 1.4 }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: 0.5pt solid #888; padding: 1.6mm 2.2mm; text-align: left; vertical-align: top }
th { background: #e9eef3 }
.columns { columns: 2; column-gap: 9mm; font-size: 10pt }
.note { font-size: 9pt; border-top: 0.5pt solid #888; margin-top: 8mm; padding-top: 1mm }
nav p { margin: 0.8mm 0 } nav .two { margin-left: 8mm; font-size: 9pt }`

// writePDF prints a text with Chromium (CHROMIUM names another one).
func writePDF(t text, path string) error {
	dir, err := os.MkdirTemp("", "handbook")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	page := filepath.Join(dir, "page.html")
	if err := os.WriteFile(page, []byte(htmlOf(t)), 0o600); err != nil {
		return err
	}
	program := os.Getenv("CHROMIUM")
	if program == "" {
		program = "chromium"
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	out, err := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+dir+"/profile",
		"--no-pdf-header-footer", "--print-to-pdf="+full, "file://"+page).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// htmlOf is the page that is printed.
func htmlOf(t text) string {
	blocks := parse(t.body)
	word, contents := "Page", "Contents"
	if t.language == "de" {
		word, contents = "Seite", "Inhalt"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="%s"><meta charset="utf-8"><title>%s</title><style>`+style+`</style>`,
		t.language, t.title, t.company, t.title, t.effective, word)
	fmt.Fprintf(&b, `<div class="cover"><h1>%s</h1><p>%s</p><p>%s</p></div><nav><h1>%s</h1>`, t.title, t.company, t.effective, contents)
	for _, k := range blocks {
		if k.kind == heading {
			class := ""
			if k.level > 1 {
				class = ` class="two"`
			}
			fmt.Fprintf(&b, "<p%s>%s</p>", class, inline(k.text))
		}
	}
	b.WriteString("</nav><main>")
	for i, k := range blocks {
		writeHTML(&b, k)
		if k.kind == item && (i+1 == len(blocks) || blocks[i+1].kind != item) {
			b.WriteString("</ul>")
		}
		if i+1 < len(blocks) && blocks[i+1].kind == item && k.kind != item {
			b.WriteString("<ul>")
		}
	}
	return b.String()
}

// writeHTML writes one block.
func writeHTML(b *strings.Builder, k block) {
	switch k.kind {
	case heading:
		fmt.Fprintf(b, "<h%d>%s</h%d>\n", k.level, inline(k.text), k.level)
	case item:
		fmt.Fprintf(b, "<li>%s</li>\n", inline(k.text))
	case columnsOn:
		b.WriteString(`<div class="columns">`)
	case columnsOff:
		b.WriteString("</div>")
	case footnote:
		fmt.Fprintf(b, `<p class="note"><sup>%s</sup> %s</p>`, k.label, inline(k.text))
	case table:
		b.WriteString("<table><thead>")
		for i, row := range k.rows {
			cell := "td"
			if i == 0 {
				cell = "th"
			}
			b.WriteString("<tr>")
			for _, c := range row {
				fmt.Fprintf(b, "<%s>%s</%s>", cell, inline(c), cell)
			}
			b.WriteString("</tr>")
			if i == 0 {
				b.WriteString("</thead><tbody>")
			}
		}
		b.WriteString("</tbody></table>\n")
	default:
		fmt.Fprintf(b, "<p>%s</p>\n", inline(k.text))
	}
}

// The marks inside a line.
var (
	strong    = regexp.MustCompile(`\*\*(.+?)\*\*`)
	reference = regexp.MustCompile(`\[\^(\w+)\]`)
)

// inline is a line as HTML.
func inline(s string) string {
	s = strong.ReplaceAllString(html.EscapeString(s), "<b>$1</b>")
	return reference.ReplaceAllString(s, "<sup>$1</sup>")
}
