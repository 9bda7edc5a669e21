//go:build desktop

package window

import (
	"fmt"
	"os"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// askPulse makes the page answer. It runs in the page from outside, so it
// needs nothing of the page but Wails' runtime, and works in a hidden window,
// where timers of pages sleep. Once asked, a page also tells by itself when it
// goes to another conversation: WebKit may die before the next question.
const askPulse = `(()=>{const tell=()=>window.runtime&&window.runtime.EventsEmit("` + eventPulse + `",location.origin,location.hash,` +
	`!!(document.getElementById("root")||document.body)?.childElementCount,` +
	`document.documentElement.dataset.theme==="dark");` +
	`if(!window.alcoveTells){window.alcoveTells=true;addEventListener("hashchange",tell)}tell()})()`

// placeEvery is how many ticks lie between two looks at the window's place.
const placeEvery = 5

// watch asks for a pulse each second until the page is lost. A dead web view
// cannot be loaded again through Wails, so this process ends and the host
// starts another.
func (f *frame) watch() {
	var h heart
	ready := false
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for n := 0; ; n++ {
		runtime.WindowExecJS(f.ctx, askPulse)
		for waiting := true; waiting; {
			select {
			case p := <-f.pulses:
				if !p.drawn {
					continue // scripts run, but there is nothing to see
				}
				h.beat()
				f.dark.Store(p.dark)
				if !ready {
					ready = true
					f.report(reportReady, "")
				}
				if p.at != f.at {
					f.at = p.at
					f.report(reportAt, p.at)
				}
			case <-ticks.C:
				waiting = false
			}
		}
		if f.quitting.Load() {
			return
		}
		if why := h.tick(webProcesses(os.Getpid()) > 0); why != "" {
			f.rememberPlace()
			f.report(reportLost, why)
			fmt.Fprintln(os.Stderr, "the page is lost: "+why)
			os.Exit(statusLost)
		}
		if n%placeEvery == placeEvery-1 {
			f.rememberPlace()
		}
	}
}
