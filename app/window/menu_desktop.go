//go:build desktop

package window

import (
	"fmt"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// menu is the native menu. Keys that the page handles itself (Ctrl+C, Ctrl+V,
// Ctrl and plus) are not taken from it: a menu's key never reaches the page.
func (f *frame) menu() *menu.Menu {
	m := menu.NewMenu()
	say := func(command string) menu.Callback {
		return func(*menu.CallbackData) { go runtime.EventsEmit(f.ctx, eventMenu, command) }
	}
	chat := m.AddSubmenu(menuChat)
	chat.AddText(menuNew, keys.Combo("o", keys.CmdOrCtrlKey, keys.ShiftKey), say("new"))
	chat.AddText(menuBrowser, nil, func(*menu.CallbackData) { f.report(reportBrowse, "") })
	chat.AddSeparator()
	chat.AddText(menuQuit, keys.CmdOrCtrl("q"), func(*menu.CallbackData) { go runtime.Quit(f.ctx) })

	edit := m.AddSubmenu(menuEdit)
	edit.AddText(menuUndo, nil, say("undo"))
	edit.AddText(menuRedo, nil, say("redo"))
	edit.AddSeparator()
	edit.AddText(menuCut, nil, say("cut"))
	edit.AddText(menuCopy, nil, say("copy"))
	edit.AddText(menuPaste, nil, say("paste"))
	edit.AddText(menuSelectAll, nil, say("select-all"))

	view := m.AddSubmenu(menuView)
	view.AddText(menuSidebar, keys.CmdOrCtrl("b"), say("sidebar"))
	view.AddSeparator()
	view.AddText(menuLarger, nil, say("larger"))
	view.AddText(menuSmaller, nil, say("smaller"))
	view.AddText(menuNormal, nil, say("normal"))
	view.AddSeparator()
	view.AddText(menuFull, keys.Key("f11"), func(*menu.CallbackData) { go f.toggleFull() })
	view.AddText(menuReload, nil, say("reload"))

	help := m.AddSubmenu(menuHelp)
	help.AddText(menuKeys, nil, say("shortcuts"))
	help.AddText(menuAbout, nil, func(*menu.CallbackData) { go f.about() })
	return m
}

// quitMenu is the menu of a window without the page.
func (f *frame) quitMenu() *menu.Menu {
	m := menu.NewMenu()
	m.AddSubmenu(menuChat).AddText(menuQuit, keys.CmdOrCtrl("q"), func(*menu.CallbackData) { go runtime.Quit(f.ctx) })
	return m
}

func (f *frame) toggleFull() {
	if runtime.WindowIsFullscreen(f.ctx) {
		runtime.WindowUnfullscreen(f.ctx)
	} else {
		runtime.WindowFullscreen(f.ctx)
	}
}

func (f *frame) about() {
	runtime.MessageDialog(f.ctx, runtime.MessageDialogOptions{ //nolint:errcheck // there is nothing to answer
		Type: runtime.InfoDialog, Title: menuAbout, Message: fmt.Sprintf(aboutText, f.setup.Version),
	})
}
