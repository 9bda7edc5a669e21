//go:build desktop

package window

import (
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

func (f *frame) screens() []area {
	all, err := runtime.ScreenGetAll(f.ctx)
	if err != nil {
		return nil
	}
	var out []area
	for _, s := range all {
		out = append(out, area{s.Size.Width, s.Size.Height})
	}
	return out
}

// restorePlace puts the window where it was. Wails moves relative to the
// screen that the window is on and tells the place relative to all of them, so
// the place is read back and the difference taken off; and Wails centres the
// window at the start, at a moment that is not told.
func (f *frame) restorePlace() {
	kept := readPlace(f.setup.Folder)
	fitted, moved := kept.fit(f.screens())
	if kept.Width > fitted.Width || kept.Height > fitted.Height {
		f.shrink(fitted.Width, fitted.Height)
	}
	if moved || kept.Maximised {
		return
	}
	dx, dy := 0, 0
	for range 20 {
		runtime.WindowSetPosition(f.ctx, fitted.X+dx, fitted.Y+dy)
		time.Sleep(50 * time.Millisecond)
		x, y := runtime.WindowGetPosition(f.ctx)
		if x == fitted.X && y == fitted.Y {
			return
		}
		dx, dy = dx+fitted.X-x, dy+fitted.Y-y
	}
}

// shrink makes the window smaller and centres it. Sizes are set by their
// limits: Wails' own call for a size reaches GTK from the wrong thread.
func (f *frame) shrink(width, height int) {
	runtime.WindowSetMaxSize(f.ctx, width, height)
	for range 20 {
		if w, h := runtime.WindowGetSize(f.ctx); w <= width && h <= height {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	runtime.WindowSetMaxSize(f.ctx, 0, 0)
	runtime.WindowCenter(f.ctx)
}

// fill covers the screen also where no window manager does it for us.
func (f *frame) fill() {
	if all := f.screens(); len(all) > 0 {
		runtime.WindowSetMinSize(f.ctx, all[0].Width, all[0].Height)
		runtime.WindowSetPosition(f.ctx, 0, 0)
	}
}

// rememberPlace keeps size and place. A maximised window keeps what it had
// before, to go back to.
func (f *frame) rememberPlace() {
	if f.setup.Kiosk != nil || f.setup.Problem != "" || runtime.WindowIsMinimised(f.ctx) || runtime.WindowIsFullscreen(f.ctx) {
		return
	}
	p := readPlace(f.setup.Folder)
	before := p
	p.Dark = f.dark.Load()
	p.Maximised = runtime.WindowIsMaximised(f.ctx)
	if !p.Maximised {
		p.Width, p.Height = runtime.WindowGetSize(f.ctx)
		p.X, p.Y = runtime.WindowGetPosition(f.ctx)
		p.Screens = f.screens()
	}
	if !p.same(before) {
		keepPlace(f.setup.Folder, p)
	}
}
