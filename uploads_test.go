package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

// A file that is sent in pieces survives SIGKILL at any moment: what was
// answered is there after it, and the whole file becomes a model.
func TestUpload_Killed(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	content, err := os.ReadFile(filepath.Join(p.models, "fake.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	content = append(content, make([]byte, 40<<20)...) // what stands behind the last tensor is nobody's
	random := rand.New(rand.NewPCG(1, 2))
	var u struct {
		ID           string
		Size, Offset int64
	}
	begin := fmt.Sprintf(`{"name":"sent.gguf","size":%d,"modified":7}`, len(content))
	kills := 0
	for range 30 {
		a := p.serve(t)
		got := a.call("POST", "/api/v1/uploads", begin)
		if got.status == 409 { // it is whole
			a.kill()
			break
		}
		before := u.Offset
		got.read(t, &u)
		if u.Offset < before {
			t.Fatalf("%d bytes were there, and %d are", before, u.Offset)
		}
		var sending sync.WaitGroup
		answered := u.Offset
		sending.Go(func() {
			for answered < u.Size {
				piece := string(content[answered:min(answered+256<<10, u.Size)])
				got, err := a.send(context.Background(), "PUT", fmt.Sprintf("/api/v1/uploads/%s?offset=%d", u.ID, answered), piece)
				if err != nil || got.status != 200 {
					return
				}
				answered += int64(len(piece))
			}
		})
		time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
		a.kill()
		sending.Wait()
		u.Offset = answered
		kills++
	}
	t.Logf("killed %d times", kills)
	a := p.serve(t)
	for at := u.Offset; at < u.Size; {
		got := a.call("POST", "/api/v1/uploads", begin)
		if got.status == 409 {
			break
		}
		got.read(t, &u)
		a.call("PUT", fmt.Sprintf("/api/v1/uploads/%s?offset=%d", u.ID, u.Offset), string(content[u.Offset:min(u.Offset+4<<20, u.Size)])).read(t, &u)
		at = u.Offset
	}
	sum := sha256.Sum256(content)
	for range 2000 {
		var list struct {
			Models []struct {
				ID, State string
				SHA256    []string
			}
		}
		a.get("/api/v1/models", &list)
		for _, m := range list.Models {
			if m.ID == "sent" && m.State == "ready" && len(m.SHA256) == 1 {
				if m.SHA256[0] != hex.EncodeToString(sum[:]) {
					t.Errorf("hash %s", m.SHA256[0])
				}
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("it never became a model\n%s", a.log)
}
