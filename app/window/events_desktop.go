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
	eventAlert  = "alcove:alert"  // delivery, title, sentence: an alert of the box
	eventPin    = "alcove:pin"    // digits
	eventBrowse = "alcove:browse" // nothing
	eventReveal = "alcove:reveal" // nothing
	eventFolder = "alcove:folder" // nothing: a folder is to be chosen

	// to the page
	eventMenu      = "alcove:menu"       // command
	eventFiles     = "alcove:files"      // paths
	eventSaved     = "alcove:saved"      // whether it worked, path
	eventPinAnswer = "alcove:pin-answer" // whether it was right, seconds to wait
	eventChosen    = "alcove:chosen"     // path of the folder that was chosen
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
	runtime.EventsOn(f.ctx, eventFolder, func(...any) { f.chooseFolder() })
	// It does not say which answer: desktops keep and show notifications to whoever passes by.
	runtime.EventsOn(f.ctx, eventDone, func(...any) { f.notify("answer", title, answerReady) })
	// Alerts are about the machine; nothing that people wrote is in them.
	runtime.EventsOn(f.ctx, eventAlert, func(data ...any) {
		f.notify(bounded(textAt(data, 0)), bounded(textAt(data, 1)), bounded(textAt(data, 2)))
	})
	runtime.OnFileDrop(f.ctx, func(_, _ int, paths []string) { runtime.EventsEmit(f.ctx, eventFiles, paths) })
}

// chooseFolder asks for a folder; without one nothing is told.
func (f *frame) chooseFolder() {
	path, err := runtime.OpenDirectoryDialog(f.ctx, runtime.OpenDialogOptions{Title: folderTitle})
	if err == nil && path != "" {
		runtime.EventsEmit(f.ctx, eventChosen, path)
	}
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

// bounded is a text as a notification can take it.
func bounded(s string) string {
	const most = 400
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// notify shows something on the desktop; the same id replaces what was shown.
func (f *frame) notify(id, head, body string) {
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
		runtime.SendNotification(f.ctx, runtime.NotificationOptions{ID: id, Title: head, Body: body}) //nolint:errcheck // see above
	}
}
