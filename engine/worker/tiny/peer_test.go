package tiny

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/engine/worker/llama"
)

// TestTinyEqualsLlamaServer compares with llama.cpp's own program, another
// build that computes the same files: after each of 200 tokens the best ten
// scores must be its own, and 24 greedy tokens. It runs by hand:
//
//	ALCOVE_LLAMA_SERVER="/path/to/llama-server" go test -run LlamaServer -v .
func TestTinyEqualsLlamaServer(t *testing.T) {
	command := strings.Fields(os.Getenv("ALCOVE_LLAMA_SERVER"))
	if len(command) == 0 {
		t.Skip("ALCOVE_LLAMA_SERVER names no llama-server")
	}
	for _, kind := range All() {
		t.Run(kind.Name, func(t *testing.T) {
			m := loadTiny(t, kind, llama.Options{Context: 512, Slots: 1, Batch: 256, Threads: 1, CPUOnly: true})
			path := filepath.Join(t.TempDir(), "peer.gguf")
			if err := kind.Write(path, Options{Seed: 1}); err != nil {
				t.Fatal(err)
			}
			peer := startPeer(t, command, path)
			tokens := someTokens(m)
			widest := 0.0
			for i := range tokens {
				theirs, mine := peer.next(t, tokens[:i+1]), logProbabilities(once(t, m, tokens[:i+1]))
				for token, p := range theirs {
					widest = max(widest, math.Abs(p-mine[token]))
				}
			}
			t.Logf("200 rows: log probabilities differ by %.5f at most", widest)
			if widest > near {
				t.Errorf("log probabilities differ by %.3f", widest)
			}
			greedy := slices.Clone(tokens[:40])
			for scores := once(t, m, greedy); len(greedy) < 64; {
				token := int32(slices.Index(scores, slices.Max(scores)))
				theirs := peer.next(t, greedy)
				for other, p := range theirs {
					if p > theirs[token] && p-theirs[token] > near {
						t.Fatalf("token %d: %d, llama-server has %d", len(greedy), token, other)
					}
				}
				greedy = append(greedy, token)
				scores = feed(t, m, 0, int32(len(greedy)-1), greedy[len(greedy)-1:])
			}
		})
	}
}

// once computes tokens in one step, as llama-server does, and gives the scores
// after the last.
func once(t *testing.T, m *llama.Model, tokens []int32) []float32 {
	t.Helper()
	m.Remove(0, 0)
	for i, token := range tokens {
		if err := m.Add(token, int32(i), 0, i == len(tokens)-1); err != nil {
			t.Fatal(err)
		}
	}
	if fits, err := m.Decode(); !fits || err != nil {
		t.Fatal(fits, err)
	}
	return slices.Clone(m.Logits(len(tokens) - 1))
}

func logProbabilities(scores []float32) []float64 {
	sum, high := 0.0, float64(slices.Max(scores))
	for _, s := range scores {
		sum += math.Exp(float64(s) - high)
	}
	out := make([]float64, len(scores))
	for i, s := range scores {
		out[i] = float64(s) - high - math.Log(sum)
	}
	return out
}

// peer is a running llama-server.
type peer struct{ base string }

func startPeer(t *testing.T, command []string, model string) peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	log := &bytes.Buffer{}
	cmd := exec.Command(command[0], append(command[1:], "-m", model, "--host", "127.0.0.1", "--port", fmt.Sprint(port), "-c", "512", "-np", "1", "-t", "1", "-ngl", "0")...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	p := peer{fmt.Sprintf("http://127.0.0.1:%d", port)}
	for range 300 {
		if resp, err := http.Get(p.base + "/health"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return p
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("llama-server does not start:\n%s", log)
	return p
}

// next gives the log probabilities of the ten tokens that are most likely after
// others.
func (p peer) next(t *testing.T, tokens []int32) map[int32]float64 {
	t.Helper()
	ask, err := json.Marshal(map[string]any{"prompt": tokens, "n_predict": 1, "temperature": 0, "n_probs": 10, "cache_prompt": false})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(p.base+"/completion", "application/json", bytes.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	var answer struct {
		Probabilities []struct {
			Top []struct {
				ID      int32   `json:"id"`
				Logprob float64 `json:"logprob"`
			} `json:"top_logprobs"`
		} `json:"completion_probabilities"`
	}
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err != nil || len(answer.Probabilities) == 0 || len(answer.Probabilities[0].Top) < 10 {
		t.Fatalf("%v: %s", err, data)
	}
	out := map[int32]float64{}
	for _, x := range answer.Probabilities[0].Top {
		out[x.ID] = x.Logprob
	}
	return out
}
