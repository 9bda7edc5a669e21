package window

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// The mark of build/icons/alcove.svg, drawn here because GTK reads SVG only
// where librsvg is installed. Units are those of the drawing, 32 by 32.
const (
	iconUnits  = 32
	iconSize   = 128 // pixels
	iconSample = 4   // samples a pixel and direction
	iconStroke = 1.3 // half a stroke's width
)

var (
	iconWall  = color.NRGBA{0x15, 0x5e, 0x56, 0xff}
	iconArch  = color.NRGBA{0xf4, 0xf7, 0xf5, 0xff}
	iconLight = color.NRGBA{0x8f, 0xd0, 0xc0, 0xff}
)

// archFar gives the distance from a point to an arch: two posts that stand on
// foot and a half circle of radius r around (16, spring).
func archFar(x, y, r, spring, foot float64) float64 {
	if y <= spring {
		return math.Abs(math.Hypot(x-16, y-spring) - r)
	}
	return math.Hypot(math.Abs(x-16)-r, max(y-foot, 0))
}

// iconAt gives the colour of a point of the drawing.
func iconAt(x, y float64) (color.NRGBA, bool) {
	const half, corner = 16.0, 7.0
	dx, dy := max(math.Abs(x-half)-(half-corner), 0), max(math.Abs(y-half)-(half-corner), 0)
	switch {
	case math.Hypot(dx, dy) > corner:
		return color.NRGBA{}, false
	case archFar(x, y, 2, 15.5, 25) <= iconStroke:
		return iconLight, true
	case archFar(x, y, 7, 15, 25) <= iconStroke:
		return iconArch, true
	}
	return iconWall, true
}

// icon draws the mark as PNG.
func icon() []byte {
	img := image.NewNRGBA(image.Rect(0, 0, iconSize, iconSize))
	const step = float64(iconUnits) / (iconSize * iconSample)
	for py := range iconSize {
		for px := range iconSize {
			var r, g, b, n int
			for s := range iconSample * iconSample {
				x := (float64(px*iconSample+s%iconSample) + 0.5) * step
				y := (float64(py*iconSample+s/iconSample) + 0.5) * step
				if c, ok := iconAt(x, y); ok {
					r, g, b, n = r+int(c.R), g+int(c.G), b+int(c.B), n+1
				}
			}
			if n > 0 {
				img.SetNRGBA(px, py, color.NRGBA{uint8(r / n), uint8(g / n), uint8(b / n), uint8(255 * n / (iconSample * iconSample))})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil // a window without an icon
	}
	return out.Bytes()
}
