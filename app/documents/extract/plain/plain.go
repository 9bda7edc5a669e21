// Package plain reads text without markup: its encoding, its paragraphs, and
// what stands for headings and lists.
package plain

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	utf "golang.org/x/text/encoding/unicode"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/draft"
)

// maxBytes of a text are read.
const maxBytes = 64 << 20

// Text reads a text file.
func Text(ctx context.Context, in extract.Input) (extract.Document, error) {
	text, cut, err := Decode(in, maxBytes)
	if err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	Read(ctx, d, text)
	if cut {
		d.Truncated("the file is longer than is read")
	}
	return d.Done(), ctx.Err()
}

// Decode is the file's text as UTF-8, at most the first bytes of it; cut says
// that there is more.
func Decode(in extract.Input, most int) (text string, cut bool, err error) {
	raw, err := io.ReadAll(io.LimitReader(in.All(), int64(most)+1))
	if err != nil {
		return "", false, extract.Fail(extract.Gone, "read: %v", err)
	}
	if len(raw) > most {
		raw, cut = raw[:most], true
		for n := 0; n < utf8.UTFMax && len(raw) > 0 && !utf8.Valid(raw[max(0, len(raw)-utf8.UTFMax):]); n++ {
			raw = raw[:len(raw)-1]
		}
	}
	return FromBytes(raw), cut, nil
}

// FromBytes finds the encoding: a mark at the beginning, UTF-8 where it is
// valid but for some bytes, UTF-16 where every second byte is 0, else
// Windows-1252.
func FromBytes(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return strings.ToValidUTF8(string(raw[3:]), "\uFFFD")
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return utf16(raw, utf.BigEndian, utf.ExpectBOM)
	}
	odd, even := zeros(raw)
	switch {
	case odd > 0.3 && even < 0.05:
		return utf16(raw, utf.LittleEndian, utf.IgnoreBOM)
	case even > 0.3 && odd < 0.05:
		return utf16(raw, utf.BigEndian, utf.IgnoreBOM)
	case mostlyUTF8(raw):
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return string(text)
}

func utf16(raw []byte, order utf.Endianness, mark utf.BOMPolicy) string {
	text, err := utf.UTF16(order, mark).NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return string(text)
}

// mostlyUTF8 says whether more characters beyond ASCII are UTF-8 than are not: a
// damaged byte does not make a text one of another encoding.
func mostlyUTF8(raw []byte) bool {
	good, bad := 0, 0
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case n > 1:
			good++
		case r == utf8.RuneError:
			bad++
		}
		raw = raw[n:]
	}
	return bad == 0 || good > bad
}

// IsUTF16 says whether bytes without a mark are probably UTF-16.
func IsUTF16(raw []byte) bool {
	odd, even := zeros(raw)
	return odd > 0.3 && even < 0.05 || even > 0.3 && odd < 0.05
}

// zeros is the share of zeros among bytes at odd and even places.
func zeros(raw []byte) (odd, even float64) {
	raw = raw[:min(len(raw), 4096)]
	if len(raw) < 4 {
		return 0, 0
	}
	for i, b := range raw {
		switch {
		case b != 0:
		case i%2 == 1:
			odd++
		default:
			even++
		}
	}
	half := float64(len(raw)) / 2
	return odd / half, even / half
}

var (
	item      = regexp.MustCompile(`^\s{0,12}(?:[-*•–·▪◦‣]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S`)
	numbered  = regexp.MustCompile(`^(?:§+ ?\d+[a-z]?|(\d{1,2}(?:\.\d{1,2}){0,4})\.?|[IVX]{1,5}\.|(?:Artikel|Article|Art\.|Section|Abschnitt|Kapitel|Chapter|Artículo|Articolo) \d+)[ \t:.–-]+\p{Lu}`)
	underline = regexp.MustCompile(`^\s*(={3,}|-{3,}|~{3,}|\*{3,})\s*$`)
)

// Read adds the paragraphs of a text.
func Read(ctx context.Context, d *draft.Draft, text string) {
	r := reader{d: d, paged: strings.ContainsRune(text, '\f'), page: 1}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.ReplaceAll(text, "\f", "\n\f\n")
	for line := range strings.SplitSeq(text, "\n") {
		if d.Full() || ctx.Err() != nil {
			break
		}
		r.line(strings.TrimRightFunc(line, unicode.IsSpace), line == "\f")
	}
	r.flush(true)
	if r.paged {
		d.Doc.Pages = r.page
	}
}

// reader joins lines to paragraphs.
type reader struct {
	d     *draft.Draft
	lines []string
	after bool // the lines follow others without a space between
	paged bool
	page  int
}

func (r *reader) line(line string, newPage bool) {
	switch {
	case newPage:
		r.flush(true)
		r.page++
	case line == "":
		r.flush(true)
	case underline.MatchString(line) && len(r.lines) > 0:
		level := 2
		if strings.Contains(line, "=") {
			level = 1
		}
		title := r.lines[len(r.lines)-1]
		r.lines = r.lines[:len(r.lines)-1]
		r.flush(true)
		r.add(extract.Block{Kind: extract.Heading, Level: level, Text: title})
	case underline.MatchString(line):
	case item.MatchString(line):
		r.flush(false)
		r.lines = append(r.lines, line)
	default:
		r.lines = append(r.lines, line)
		if len(r.lines) > 10_000 {
			r.flush(false)
		}
	}
}

func (r *reader) add(b extract.Block) {
	if r.paged {
		b.Page = r.page
	}
	r.d.Add(b)
}

// wrapped is a length from which a line was probably broken by a program.
const wrapped = 45

// flush ends a paragraph: lines that were wrapped become one, others stay.
// Space says that an empty line follows.
func (r *reader) flush(space bool) {
	if len(r.lines) == 0 && !space {
		return
	}
	lines, alone := r.lines, space && !r.after
	r.lines = nil
	if r.after = !space; len(lines) == 0 || alone && len(lines) == 1 && r.heading(lines[0]) {
		return
	}
	kind := extract.Paragraph
	if item.MatchString(lines[0]) {
		kind = extract.Item
	}
	longest := 0
	for _, line := range lines {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	var parts []string
	from := 0 // lines that were one
	for i, line := range lines {
		length := utf8.RuneCountInString(line)
		lines[i] = strings.TrimSpace(line)
		if i+1 < len(lines) && (length >= wrapped && length*10 >= longest*7 || kind == extract.Item) {
			continue
		}
		parts = append(parts, extract.JoinLines(lines[from:i+1]))
		from = i + 1
	}
	r.add(extract.Block{Kind: kind, Text: strings.Join(parts, "\n")})
}

// heading adds a line that stands alone as a heading where it looks like one:
// numbered and without a full stop, or in capitals.
func (r *reader) heading(line string) bool {
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) > 80 || strings.ContainsAny(line[len(line)-1:], ".,;:!?") {
		return false
	}
	if m := numbered.FindStringSubmatch(line); m != nil {
		r.add(extract.Block{Kind: extract.Heading, Level: min(6, 1+strings.Count(m[1], ".")), Text: line})
		return true
	}
	letters := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			return c
		}
		return -1
	}, line)
	if utf8.RuneCountInString(letters) >= 4 && letters == strings.ToUpper(letters) && letters != strings.ToLower(letters) {
		r.add(extract.Block{Kind: extract.Heading, Level: 1, Text: line})
		return true
	}
	return false
}
