//go:build desktop

package window

// Words of the native menu and dialogs. The page's own are in its message
// file; these must be there before, and without, the page.
const (
	title = "Alcove"

	menuChat      = "Chat"
	menuNew       = "New chat"
	menuBrowser   = "Open in the browser"
	menuQuit      = "Quit"
	menuEdit      = "Edit"
	menuUndo      = "Undo"
	menuRedo      = "Redo"
	menuCut       = "Cut"
	menuCopy      = "Copy"
	menuPaste     = "Paste"
	menuSelectAll = "Select all"
	menuView      = "View"
	menuSidebar   = "Show or hide conversations"
	menuLarger    = "Larger text"
	menuSmaller   = "Smaller text"
	menuNormal    = "Normal text"
	menuFull      = "Full screen"
	menuReload    = "Reload"
	menuHelp      = "Help"
	menuKeys      = "Keyboard shortcuts"
	menuAbout     = "About Alcove"

	aboutText = "Alcove %s\n\nA private assistant on this machine. What you ask and what it answers stays here."

	problemTitle = "Alcove could not start"

	saveTitle   = "Save as"
	folderTitle = "Watch a folder"
	answerReady = "Your answer is ready."

	noDisplay = "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
)
