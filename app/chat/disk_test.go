package chat

import (
	"context"
	"sync/atomic"
	"testing"

	"alcove/app"
	"alcove/storage"
)

// fullDisk is a real database whose disk takes no end of an answer for a while.
type fullDisk struct {
	*storage.DB
	left atomic.Int32
}

func (d *fullDisk) FinishMessage(ctx context.Context, id string, end storage.End) (storage.Message, error) {
	if d.left.Add(-1) >= 0 {
		return storage.Message{}, storage.ErrReadOnly
	}
	return d.DB.FinishMessage(ctx, id, end)
}

func TestFullDiskDelaysTheEnd(t *testing.T) {
	r := newRoom(t, say("kept"))
	disk := &fullDisk{DB: r.db}
	disk.left.Store(1)
	r.service.store = disk
	started := r.ask(Question{Text: "hello"})
	told := r.events.wait(t, ended(started.TurnID))
	m := told.data.(TurnEnded).Message
	if told.name != EventFailed || m.Error == nil || m.Error.Code != string(app.CodeReadOnly) || m.Text != "kept" {
		t.Errorf("while the disk is full readers get %s %+v", told.name, m)
	}
	if text, _, ok := r.service.Live(started.Answer.ID); !ok || text != "kept" {
		t.Errorf("Live = %q, %v: the text is nowhere to be read", text, ok)
	}
	r.events.wait(t, func(p published) bool { return p.name == EventDone })
	if m := r.message(started.Answer.ID); m.Status != storage.StatusDone || m.Text != "kept" {
		t.Errorf("after the disk took writes again: %+v", m)
	}
}
