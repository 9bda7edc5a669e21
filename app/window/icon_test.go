package window

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"regexp"
	"slices"
	"testing"
)

func TestIcon(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(icon()))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds().Dx() != iconSize || img.Bounds().Dy() != iconSize {
		t.Fatalf("%v", img.Bounds())
	}
	at := func(x, y float64) color.Color {
		return color.NRGBAModel.Convert(img.At(int(x*iconSize/iconUnits), int(y*iconSize/iconUnits)))
	}
	for name, c := range map[string]struct{ got, want color.Color }{
		"corner":            {at(0.2, 0.2), color.NRGBA{}},
		"wall":              {at(4, 16), iconWall},
		"between the posts": {at(11.7, 20), iconWall},
		"left post":         {at(9, 20), iconArch},
		"top of the arch":   {at(16, 8), iconArch},
		"light":             {at(14, 20), iconLight},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

// TestIconIsOne: the menu's icon, the page's icon and the one that is drawn here have the same lines.
func TestIconIsOne(t *testing.T) {
	shapes := regexp.MustCompile(`(?s)<(?:rect|path) .*?/>`)
	var first []string
	for _, path := range []string{"../../build/icons/scalable/apps/alcove.svg", "../../frontend/public/alcove.svg"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := shapes.FindAllString(string(text), -1)
		if first == nil {
			first = found
		}
		if len(found) != 3 || !slices.Equal(found, first) {
			t.Errorf("%s: %q, the other %q", path, found, first)
		}
	}
}
