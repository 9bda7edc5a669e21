// Package window is the desktop window: the built page in a frame of its own.
// It does no work of the product; it is a browser of the same server.
//
// Vocabulary: the host is the process that serves (or that found a running
// server). It starts the window process, the same program again, and watches
// it. The page is what the window process shows. A report goes from the window
// process to the host, an order goes the other way, one JSON object a line. A
// pulse is the page's answer to "are you there?".
//
// Why two processes: GTK and WebKit end a process in ways that Go cannot catch
// (a lost X server calls exit, a driver raises SIGSEGV, Wails calls log.Fatal),
// and a dead web view can only be replaced. So none of it shares a process with
// the database and the answers. The window process ends when its standard input
// does, so it never outlives the host.
//
// The window talks to nobody but the host and, through the page, the loopback
// server. Only window_*.go files with the tag desktop know Wails; the rest is
// compiled and tested everywhere.
//
// Environment: WEBKIT_DISABLE_DMABUF_RENDERER=1 is set for the window process
// where there is no render node or NVIDIA's driver is loaded: WebKit's shared
// GPU buffers show a blank window there. Set the variable yourself to overrule.
package window
