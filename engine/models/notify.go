package models

import (
	"errors"

	"github.com/fsnotify/fsnotify"
)

// notifier tells of changes in folders, one by one and not below them.
type notifier interface {
	Add(dir string) error
	Close() error
	Events() <-chan fsnotify.Event
	Errors() <-chan error
}

// inotify is the system's notifier.
type inotify struct{ *fsnotify.Watcher }

// Events are those of fsnotify.
func (n inotify) Events() <-chan fsnotify.Event { return n.Watcher.Events }

// Errors are those of fsnotify.
func (n inotify) Errors() <-chan error { return n.Watcher.Errors }

func newInotify() (notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return inotify{w}, nil
}

// deaf is the notifier where there is none: the folder is read again and again.
type deaf struct{}

var errDeaf = errors.New("no notifier")

// Add always fails, so that nothing counts as watched.
func (deaf) Add(string) error { return errDeaf }

// Close has nothing to do.
func (deaf) Close() error { return nil }

// Events never come.
func (deaf) Events() <-chan fsnotify.Event { return nil }

// Errors never come.
func (deaf) Errors() <-chan error { return nil }
