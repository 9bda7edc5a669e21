package window

import (
	"path/filepath"
	"slices"
	"strings"
)

const plainDrawing = "WEBKIT_DISABLE_DMABUF_RENDERER"

// secretHeaders may hold a token for a collector, which a browser needs not know.
const secretHeaders = "ALCOVE_OTLP_HEADERS"

// childEnv is the window process's environment. WebKit keeps what pages store
// (drafts of questions) where XDG says, so that is put into the data folder,
// which is closed to others. What was installed for this person alone (icons,
// themes) is still found: the old place becomes the first of the shared ones.
func childEnv(environ []string, folder string, plain bool) []string {
	get := func(key string) string {
		for _, e := range slices.Backward(environ) {
			if value, ok := strings.CutPrefix(e, key+"="); ok {
				return value
			}
		}
		return ""
	}
	own := get("XDG_DATA_HOME")
	if own == "" && get("HOME") != "" {
		own = filepath.Join(get("HOME"), ".local", "share")
	}
	shared := get("XDG_DATA_DIRS")
	if shared == "" {
		shared = "/usr/local/share:/usr/share"
	}
	if own != "" {
		shared = own + ":" + shared
	}
	set := map[string]string{
		"XDG_DATA_HOME":  filepath.Join(folder, "web"),
		"XDG_CACHE_HOME": filepath.Join(folder, "cache"),
		"XDG_DATA_DIRS":  shared,
		// Alcove's answer is on this machine: no proxy has a part in it.
		"no_proxy": "127.0.0.1,localhost,::1",
		"NO_PROXY": "127.0.0.1,localhost,::1",
	}
	if plain && get(plainDrawing) == "" {
		set[plainDrawing] = "1"
	}
	var out []string
	for _, e := range environ {
		key, _, _ := strings.Cut(e, "=")
		if _, ours := set[key]; !ours && key != secretHeaders {
			out = append(out, e)
		}
	}
	for key, value := range set {
		out = append(out, key+"="+value)
	}
	slices.Sort(out)
	return out
}
