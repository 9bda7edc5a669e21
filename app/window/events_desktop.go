//go:build desktop

package window

import (
	"path/filepath"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// Events between the page and this process. frontend/src/api/desktop.ts has
// the other end.
const (
	// from the page
	eventPulse  = "alcove:pulse"  // origin, fragment, whether anything is drawn, whether it is dark
	eventLink   = "alcove:link"   // address
	eventSave   = "alcove:save"   // file name, content in base64
	eventDone   = "alcove:done"   // an answer ended while nobody looked
	eventPin    = "alcove:pin"    // digits
	eventBrowse = "alcove:browse" // nothing
	eventReveal = "alcove:reveal" // nothing

	// to the page
	eventMenu      = "alcove:menu"       // command
	eventFiles     = "alcove:files"      // paths
	eventSaved     = "alcove:saved"      // whether it worked, path
	eventPinAnswer = "alcove:pin-answer" // whether it was right, seconds to wait
)

// pageOrigin is where our page comes from; whatever says another origin is not our page.
const pageOrigin = "wails://wails"

// pulse is the page's answer to "are you there?".
type pulse struct {
	at    string
	drawn bool
	dark  bool
}

// listen takes what the page says. Events run on goroutines of their own.
func (f *frame) listen() {
	runtime.EventsOn(f.ctx, eventPulse, func(data ...any) {
		if textAt(data, 0) == pageOrigin {
			f.pulses <- pulse{textAt(data, 1), trueAt(data, 2), trueAt(data, 3)}
		}
	})
	runtime.EventsOn(f.ctx, eventLink, func(data ...any) { f.report(reportLink, textAt(data, 0)) })
	runtime.EventsOn(f.ctx, eventBrowse, func(...any) { f.report(reportBrowse, "") })
	runtime.EventsOn(f.ctx, eventReveal, func(...any) { f.report(reportReveal, "") })
	if f.setup.Kiosk != nil {
		runtime.EventsOn(f.ctx, eventPin, func(data ...any) { f.report(reportPin, textAt(data, 0)) })
		return
	}
	runtime.EventsOn(f.ctx, eventSave, func(data ...any) { f.save(textAt(data, 0), textAt(data, 1)) })
	runtime.EventsOn(f.ctx, eventDone, func(...any) { f.notify() })
	runtime.OnFileDrop(f.ctx, func(_, _ int, paths []string) { runtime.EventsEmit(f.ctx, eventFiles, paths) })
}

func trueAt(data []any, i int) bool { return i < len(data) && data[i] == true }

func textAt(data []any, i int) string {
	if i >= len(data) {
		return ""
	}
	s, _ := data[i].(string)
	return s
}

// save asks where to put a file and puts it there.
func (f *frame) save(name, content string) {
	path, err := runtime.SaveFileDialog(f.ctx, runtime.SaveDialogOptions{
		Title: saveTitle, DefaultFilename: plainName(name), CanCreateDirectories: true,
	})
	if err == nil && path == "" {
		return // the person changed their mind
	}
	if err == nil {
		err = writeFile(path, content)
	}
	runtime.EventsEmit(f.ctx, eventSaved, err == nil, filepath.Base(path))
}

// notify tells the desktop that an answer is ready. It does not say which:
// desktops keep and show notifications to whoever passes by.
func (f *frame) notify() {
	f.notes.Do(func() {
		f.canNote = runtime.InitializeNotifications(f.ctx) == nil
		if f.canNote {
			runtime.OnNotificationResponse(f.ctx, func(runtime.NotificationResult) {
				runtime.WindowShow(f.ctx)
				runtime.WindowUnminimise(f.ctx)
			})
		}
	})
	if f.canNote {
		// Where no program shows notifications there is nobody to tell.
		runtime.SendNotification(f.ctx, runtime.NotificationOptions{ID: "answer", Title: title, Body: answerReady}) //nolint:errcheck // see above
	}
}
