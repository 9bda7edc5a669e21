package main

import (
	"image"
	"image/color"
	"os"
	"testing"
	"time"
)

// TestWindowPicture makes docs/pictures/window.png for the README from the
// window and the real model, where ALCOVE_SHOTS names a folder (`make pictures`).
func TestWindowPicture(t *testing.T) {
	if os.Getenv("ALCOVE_SHOTS") == "" {
		t.Skip("ALCOVE_SHOTS names no folder for pictures")
	}
	program := needWindow(t)
	p, ok := realPlace(t)
	if !ok {
		t.Skip("the picture needs the real model: run `make setup`")
	}
	s := newScreen(t, aScreen)
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	a.opens(1)
	a.ready()
	for i, text := range []string{"What is the capital of France?", "Name three fruits."} {
		s.write(text)
		a.until("the answer is there", func() bool {
			all := a.answers()
			return len(all) == i+1 && all[i].Status == "done"
		})
	}
	time.Sleep(2 * time.Second) // for the last drawing; nothing is asserted on it
	s.keepPart("window", notBlack(s.picture()))
}

// notBlack is the part of a screen that the window covers.
func notBlack(img *image.RGBA) image.Rectangle {
	var out image.Rectangle
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.RGBAAt(x, y) != (color.RGBA{A: 255}) {
				out = out.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return out
}
