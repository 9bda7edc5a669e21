package window

import "testing"

func TestHeart(t *testing.T) {
	ticks := func(h *heart, n int, process bool) (why string) {
		for range n {
			if why = h.tick(process); why != "" {
				return why
			}
		}
		return ""
	}
	t.Run("a page that answers lives", func(t *testing.T) {
		var h heart
		for range 500 {
			h.beat()
			if why := h.tick(true); why != "" {
				t.Fatal(why)
			}
		}
	})
	t.Run("a process that ended is seen at once", func(t *testing.T) {
		var h heart
		h.beat()
		h.tick(true)
		if why := ticks(&h, goneTicks, false); why != "WebKit's process ended" {
			t.Errorf("%q", why)
		}
	})
	t.Run("a page that answers without a process that was found lives", func(t *testing.T) {
		var h heart
		h.tick(true)
		for range 500 {
			h.beat()
			if why := h.tick(false); why != "" {
				t.Fatal(why)
			}
		}
	})
	t.Run("a busy machine is given time", func(t *testing.T) {
		var h heart
		if why := ticks(&h, firstPulse-1, true); why != "" {
			t.Errorf("before the first pulse: %s", why)
		}
		h.beat()
		if why := ticks(&h, missedPulse-1, true); why != "" {
			t.Errorf("after it: %s", why)
		}
	})
	t.Run("a page that hangs is lost", func(t *testing.T) {
		var h heart
		h.beat()
		if why := ticks(&h, missedPulse, true); why != "the page does not answer" {
			t.Errorf("%q", why)
		}
	})
	t.Run("a page that never starts is lost", func(t *testing.T) {
		var h heart
		if why := ticks(&h, firstPulse, true); why != "the page did not start" {
			t.Errorf("%q", why)
		}
	})
}
