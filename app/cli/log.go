package cli

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// newLog writes for people on a terminal and JSON elsewhere. It never gets
// text of users.
func newLog(to io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo // config has checked it
	}
	if isTerminal(to) {
		_, plain := os.LookupEnv("NO_COLOR")
		return slog.New(tint.NewTextHandler(to, &tint.Options{Level: l, TimeFormat: time.TimeOnly, NoColor: plain}))
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: l}))
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
