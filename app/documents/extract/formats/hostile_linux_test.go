package formats

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/tinypdf"
)

// hostileCases is how many files a soak reads; a normal run reads a twentieth.
const hostileCases = 5200

// known are the reasons that a hostile file may be marked with. "" is a file
// that was read after all.
var known = []extract.Reason{"", extract.Damaged, extract.Empty, extract.Encrypted, extract.Unsupported, extract.Timeout,
	extract.Memory, extract.TooManyPages, extract.TooLarge, extract.Inflates, extract.Scanned, extract.Crashed}

// made are hostile files by hand, with the reasons that fit.
func made() map[string]struct {
	data []byte
	want []extract.Reason
} {
	good := func() *tinypdf.File {
		return tinypdf.Pages(tinypdf.Text(60, 700, 11, false, "", "Leave is thirty days."))
	}
	edit := func(at int, object string) []byte {
		f := good()
		f.Objects[at-1] = object
		return f.Bytes()
	}
	const page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
	bytesOf := good().Bytes()
	startxref := bytes.LastIndex(bytesOf, []byte("startxref"))
	many := make([]string, 10_000)
	zeros := strings.Repeat("\x00", 200<<20)
	whole := []extract.Reason{""}
	bad := []extract.Reason{extract.Damaged, extract.Empty, extract.Timeout, extract.Memory, extract.Crashed}
	any := append(slices.Clone(bad), "", extract.Encrypted)
	return map[string]struct {
		data []byte
		want []extract.Reason
	}{
		"good":                  {bytesOf, whole},
		"10,000 pages":          {tinypdf.Pages(many...).Bytes(), []extract.Reason{extract.TooManyPages}},
		"open array":            {edit(6, "<< /Type /Page /Parent 2 0 R /MediaBox "+strings.Repeat("[", 200_000)), any},
		"open dictionaries":     {edit(6, strings.Repeat("<< /A ", 200_000)), any},
		"page cycle":            {edit(2, "<< /Type /Pages /Count 3 /Kids [2 0 R 6 0 R 2 0 R] >>"), any},
		"a million pages named": {edit(2, "<< /Type /Pages /Count 1000000 /Kids [6 0 R] >>"), append(any, extract.TooManyPages)},
		"negative count":        {edit(2, "<< /Type /Pages /Count -5 /Kids [6 0 R] >>"), any},
		"xref loop":             {append(bytes.Clone(bytesOf[:startxref]), fmt.Appendf(nil, "trailer << /Size 9 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF", bytes.Index(bytesOf, []byte("xref")), bytes.Index(bytesOf, []byte("xref")))...), any},
		"false length":          {edit(7, "<< /Length 99999999 >>\nstream\nBT /F1 11 Tf 60 700 Td (Leave) Tj ET\nendstream"), any},
		"length of itself":      {edit(7, "<< /Length 7 0 R >>\nstream\nBT /F1 11 Tf 60 700 Td (Leave) Tj ET\nendstream"), any},
		"flate bomb":            {edit(7, tinypdf.Stream("", zeros)), any},
		"flate bomb of text":    {edit(7, tinypdf.Stream("", "BT /F1 11 Tf 60 700 Td "+strings.Repeat("(aaaaaaaaaaaaaaaa) Tj ", 1_000_000)+"ET")), any},
		"form calls itself":     {edit(7, tinypdf.Stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /Im1 7 0 R >> >>", strings.Repeat("/Im1 Do ", 1000))), any},
		"huge page":             {edit(6, strings.Replace(page, "595 842", "1e30 1e30", 1)), any},
		"page without size":     {edit(6, strings.Replace(page, "595 842", "0 0", 1)), any},
		"huge picture":          {edit(5, "<< /Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 0 >>\nstream\n\nendstream"), whole},
		"outline cycle":         {edit(1, "<< /Type /Catalog /Pages 2 0 R /Outlines << /First 8 0 R >> >>"), whole},
		"deep q":                {edit(7, tinypdf.Stream("", strings.Repeat("q ", 1_000_000))), any},
		"two formats":           {append(bytes.Clone(bytesOf), "PK\x03\x04 and <html><script>1</script></html>"...), whole},
		"only a header":         {[]byte("%PDF-1.7"), []extract.Reason{extract.Damaged}},
	}
}

// read runs a child on a file of bytes. stuck says that it never came back.
func read(ctx context.Context, o extract.Options, path string, data []byte, name string) (extract.Reason, error) {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(ctx, 12*time.Minute) // beyond every limit
	defer cancel()
	_, err = extract.Run(ctx, o, f, name, nil)
	var failed *extract.Error
	if errors.As(err, &failed) {
		return failed.Reason, nil
	}
	return "", err
}

func TestHostileByHand(t *testing.T) {
	o := extract.Options{Command: command, CacheDir: cacheDir(t), Limits: extract.DefaultLimits()}
	path := filepath.Join(t.TempDir(), "file")
	for name, c := range made() {
		got, err := read(t.Context(), o, path, c.data, "a.pdf")
		if err != nil || !slices.Contains(c.want, got) {
			t.Errorf("%s: %q %v, want one of %q", name, got, err, c.want)
		}
		t.Logf("%s: %q", name, got)
	}
}

// TestSoakHostile reads real files with damage of many kinds: each comes back
// with a text or a known reason, and a good file is read after all of them.
func TestSoakHostile(t *testing.T) {
	cases, seed := hostileCases/20, uint64(8)
	if os.Getenv("ALCOVE_SOAK") != "" {
		cases, seed = hostileCases, uint64(time.Now().UnixNano())
	}
	t.Logf("%d cases, seed %d", cases, seed)
	paths, err := filepath.Glob("../../../../examples/handbook/*.*")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files to damage", err)
	}
	var files [][]byte
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains([]string{".pdf", ".docx", ".xlsx"}, filepath.Ext(p)) {
			files = append(files, data)
		}
	}
	o := extract.Options{Command: command, CacheDir: cacheDir(t), Limits: extract.DefaultLimits()}
	counts, dir := map[extract.Reason]int{}, t.TempDir()
	var mu sync.Mutex
	var all sync.WaitGroup
	for lane := range 2 {
		all.Go(func() {
			for i := lane; i < cases; i += 2 {
				rng := rand.New(rand.NewPCG(seed, uint64(i)))
				data := damage(rng, files)
				got, err := read(t.Context(), o, filepath.Join(dir, fmt.Sprint(lane)), data, "a.pdf")
				mu.Lock()
				if counts[got]++; err != nil || !slices.Contains(known, got) {
					t.Errorf("case %d: %q %v", i, got, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	t.Logf("reasons: %v", counts)
	if _, err := extract.Run(t.Context(), o, openFile(t, handbook), "a.pdf", nil); err != nil {
		t.Errorf("a good file after all of them: %v", err)
	}
}

// words of PDF that damage puts in place of others.
var words = []string{"obj", "endobj", "stream", "endstream", "<<", ">>", "[", "]", "/Length 999999", "/Kids", "/Parent 1 0 R", "/Prev 0", "xref", "trailer", "0 R", "-1", "99999999999", "/FlateDecode", "/Filter [/FlateDecode /FlateDecode]", "(", ")"}

// damage makes a bad file of good ones.
func damage(rng *rand.Rand, files [][]byte) []byte {
	data := bytes.Clone(files[rng.IntN(len(files))])
	for range 1 + rng.IntN(6) {
		at := rng.IntN(len(data))
		to := min(len(data), at+1+rng.IntN(4000))
		switch rng.IntN(7) {
		case 0: // a few bits
			for range 1 + rng.IntN(50) {
				data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
			}
		case 1: // cut off
			data = data[:max(at, 64)]
		case 2: // taken out
			data = slices.Delete(data, at, to)
		case 3: // twice
			data = slices.Insert(data, at, bytes.Clone(data[at:to])...)
		case 4: // a word of the format
			data = slices.Insert(data, at, []byte(words[rng.IntN(len(words))])...)
		case 5: // one word for another, everywhere
			data = bytes.Replace(data, []byte(words[rng.IntN(10)]), []byte(words[rng.IntN(len(words))]), 1+rng.IntN(5))
		case 6: // a part of another file
			other := files[rng.IntN(len(files))]
			from := rng.IntN(len(other))
			data = slices.Insert(data, at, other[from:min(len(other), from+4000)]...)
		}
		if len(data) < 64 {
			break
		}
	}
	return data
}
