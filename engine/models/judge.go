package models

import (
	"errors"
	"time"
)

// This file decides what a file is; it has no state, no clock and no goroutine.

// State is a file's place on its way to a usable model.
type State string

// States of a file. Only a ready one may be given to a worker as its model.
const (
	StateNew      State = "new"      // seen, not looked into yet
	StateCopying  State = "copying"  // not all of it is there, or somebody writes it
	StateChecking State = "checking" // it changed and is looked into
	StateReady    State = "ready"
	StateAdapter  State = "adapter" // whole, but for models: see Facts.Adapters
	StateRefused  State = "refused"
)

// settleTime is how long a file must stay as it is before a short one counts
// as broken, and, where nobody can say who writes it, a rewritten one as whole.
const settleTime = 10 * time.Second

// writers says whether somebody has a file open for writing.
type writers int

const (
	writersUnknown writers = iota // network shares, files of another user, other systems
	writersNone
	writersSome
)

// stamp tells one content of a file from another. It is comparable.
type stamp struct {
	device, inode uint64 // 0 where the system has none
	size          int64
	modified      int64 // nanoseconds since 1970
}

// sameFile says that both stamps are of one file, whatever is in it.
func (s stamp) sameFile(o stamp) bool { return s.device == o.device && s.inode == o.inode }

// look is what one look at a file found.
type look struct {
	at      time.Time
	stamp   stamp
	writers writers
	header  Header
	err     error // of ReadHeader, or errOpen, errNotRegular
}

// track is what is remembered of a file.
type track struct {
	look
	changed time.Time // when it was last seen to change
	inPlace bool      // it changed without growing, and has not been quiet since
	state   State
	reason  string // for every state but ready
	percent int    // of a copy; 0 when unknown
}

// active says that the file may become something else without changing.
func (t *track) active() bool {
	return t.state == StateNew || t.state == StateCopying || t.state == StateChecking
}

// judge is the decision: what the file is after one more look. was is nil at
// first sight.
func judge(was *track, now look, settle time.Duration) *track {
	t := &track{look: now, changed: now.at}
	switch {
	case was == nil:
		// A file that lay here before the program began is not being copied.
		if m := time.Unix(0, now.stamp.modified); m.Before(now.at) {
			t.changed = m
		}
	case was.stamp == now.stamp:
		t.changed, t.inPlace = was.changed, was.inPlace
	case was.stamp.sameFile(now.stamp):
		t.inPlace = was.inPlace || now.stamp.size <= was.stamp.size
	}
	quiet := now.at.Sub(t.changed) >= settle
	t.inPlace = t.inPlace && !quiet
	switch {
	case now.writers == writersSome:
		t.state, t.reason = StateCopying, "The file is still being written. Wait until the copy has ended."
		if now.err != nil && unfinished(now) {
			t.reason = refusal(now.err)
		}
	case now.err == nil && t.inPlace && now.writers == writersUnknown:
		t.state, t.reason = StateChecking, "The file was rewritten a moment ago. It can be used when it has not changed for a few seconds."
	case now.err == nil:
		t.state = StateReady
	case unfinished(now) && !quiet:
		t.state, t.reason = StateCopying, refusal(now.err)
	default:
		t.state, t.reason = StateRefused, refusal(now.err)
	}
	if t.state == StateCopying {
		t.percent = percent(now.stamp.size, now.header.Need)
	}
	return t
}

// unfinished says that more bytes could make the file a model.
func unfinished(l look) bool {
	var incomplete *IncompleteError
	return errors.As(l.err, &incomplete) || l.stamp.size == 0
}

// percent is how much of a copy is there: 1 to 99, or 0 when unknown.
func percent(have, need int64) int {
	if need <= 0 {
		return 0
	}
	return int(max(1, min(99, float64(have)/float64(need)*100)))
}
