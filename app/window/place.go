package window

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// Sizes in pixels of the desktop.
const (
	startWidth  = 1180
	startHeight = 780
	minWidth    = 360
	minHeight   = 420
)

// place is the size and place of the window when it was seen last.
type place struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Maximised bool `json:"maximised,omitempty"`
	// Dark is the page's theme: the window has its colour before the page is there.
	Dark bool `json:"dark,omitempty"`
	// Screens are those that were there. On others X and Y mean nothing.
	Screens []area `json:"screens"`
}

type area struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// fit makes a kept place sane for the screens that are there now. moved says
// that the window must not be put at X and Y.
func (p place) fit(now []area) (fitted place, moved bool) {
	if p.Width <= 0 || p.Height <= 0 {
		p.Width, p.Height, moved = startWidth, startHeight, true
	}
	moved = moved || !slices.Equal(p.Screens, now)
	var largest area
	for _, s := range now {
		if s.Width*s.Height > largest.Width*largest.Height {
			largest = s
		}
	}
	if largest.Width > 0 {
		p.Width, p.Height = min(p.Width, largest.Width), min(p.Height, largest.Height)
	}
	p.Width, p.Height = max(p.Width, minWidth), max(p.Height, minHeight)
	p.Screens = now
	return p, moved
}

// same says whether nothing has changed.
func (p place) same(q place) bool {
	return p.Width == q.Width && p.Height == q.Height && p.X == q.X && p.Y == q.Y && p.Maximised == q.Maximised && p.Dark == q.Dark &&
		slices.Equal(p.Screens, q.Screens)
}

func placeFile(folder string) string { return filepath.Join(folder, "place.json") }

// readPlace gives the zero place when there is no usable file.
func readPlace(folder string) place {
	var p place
	text, err := os.ReadFile(placeFile(folder))
	if err != nil || json.Unmarshal(text, &p) != nil {
		return place{}
	}
	return p
}

// keepPlace replaces the file as a whole. A place that cannot be kept is no
// reason to disturb anybody.
func keepPlace(folder string, p place) {
	text, err := json.Marshal(p)
	if err != nil {
		return
	}
	temp, err := os.CreateTemp(folder, "place.*.part")
	if err != nil {
		return
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it has its own name by then
	_, err = temp.Write(append(text, '\n'))
	if closed := temp.Close(); err == nil && closed == nil {
		os.Rename(temp.Name(), placeFile(folder)) //nolint:errcheck // see above
	}
}
