package usage

import (
	"context"
	"errors"
	"testing"
	"time"

	"alcove/storage"
)

// hungDisk is a real database whose disk does not answer until it is let go.
type hungDisk struct {
	*storage.DB
	asked, free chan struct{}
}

func (h *hungDisk) AddUsage(ctx context.Context, m storage.UsageMinute, tiers []storage.UsageTier, merge storage.UsageMerge) error {
	select {
	case h.asked <- struct{}{}:
	default:
	}
	<-h.free
	return h.DB.AddUsage(ctx, m, tiers, merge)
}

func TestHungDisk(t *testing.T) {
	d := newDesk(t)
	d.close()
	disk := &hungDisk{asked: make(chan struct{}, 1), free: make(chan struct{})}
	d.open(func(db *storage.DB) Store { disk.DB = db; return disk })
	d.call(func(o *owner) { o.r.patience = time.Millisecond })
	for range maxParts + 100 {
		d.Answer(d.anAnswer())
		d.call(func(*owner) {})
		d.clocks.pass(time.Minute, 0)
		d.call(func(o *owner) { o.turn() })
	}
	<-disk.asked
	d.call(func(o *owner) {
		if !o.writing || len(o.parts) > maxParts || o.kept > maxParts {
			t.Errorf("writing %v: %d parts and %d requests in memory", o.writing, len(o.parts), o.kept)
		}
	})
	ended := make(chan error, 1)
	go func() { ended <- d.Recorder.Close() }()
	select {
	case err := <-ended:
		if !errors.Is(err, errHangs) {
			t.Errorf("the end says %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the program cannot end while the disk hangs")
	}
	close(disk.free) // the writer comes to its end, and the database can be closed
}
