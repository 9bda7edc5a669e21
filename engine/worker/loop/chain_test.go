package loop

import (
	"os"
	"testing"

	"alcove/engine/worker/snapshot"
)

// Two system prompts that differ early are kept in pieces, the first of a few
// tokens. After a restart both come back whole all the same.
func TestShortFirstPieceIsRestored(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 128}
	systems := []string{"You: " + handbook, "You: another " + handbook}
	b := newBench(t, cfg)
	s := b.keep(t, dir, 1<<20)
	for i, system := range systems {
		b.submit(shared(uint64(i+1), "a", "everybody", system, "my word is plum"))
		b.finish()
	}
	b.rest()
	s.Close()
	b.l.Keep(nil)

	after := newBench(t, cfg)
	again, err := snapshot.Open(dir, "fake", snapshot.Limits{Memory: 1 << 20, Disk: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	after.l.Keep(again)
	for i, system := range systems {
		s := shared(uint64(i+1), "b", "everybody", system, "and mine?")
		after.submit(s)
		after.finish()
		if _, want, _ := reference(cfg, s); after.of(s.ID).text != want {
			t.Errorf("answer %d: %q, want %q", s.ID, after.of(s.ID).text, want)
		}
		if got := cached(after, s.ID); got != len(system) {
			t.Errorf("request %d: %d of %d tokens were kept", s.ID, got, len(system))
		}
	}
}
