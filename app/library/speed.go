package library

import (
	"context"
	"slices"
	"sync"

	"alcove/storage"
)

// Speed is how fast a model answered on this box: medians of its newest answers
// on the device that it used last.
type Speed struct {
	Answers      int     `json:"answers"` // that were looked at
	TokensPerSec float64 `json:"tokens_per_sec"`
	FirstTokenMS int64   `json:"first_token_ms"`
	Device       string  `json:"device"`
}

const (
	// speedAnswers is how many answers of a model are looked at.
	speedAnswers = 50
	// speedTokens is the least that an answer must have to say how fast it was.
	speedTokens = 8
	// speedBack is how many answers of all models count at the start, so that
	// years of them do not make it slow.
	speedBack  = 100_000
	speedBatch = 1000
)

// speeds remembers the models' speeds, so that the list of models costs one
// look at the newest row.
type speeds struct {
	store Store
	mu    sync.Mutex
	begun bool
	last  int64 // number of the newest answer that was looked at
	known map[string]*Speed
}

func (s *speeds) of(id string) *Speed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[id]
}

// refresh takes in the answers since the last time.
func (s *speeds) refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest, err := s.store.LastAnswer(ctx)
	if err != nil {
		return err
	}
	if !s.begun {
		s.begun, s.last = true, max(0, newest-speedBack)
	}
	changed, last := map[string]bool{}, s.last
	for last < newest {
		models, next, err := s.store.Answered(ctx, last, speedBatch)
		if err != nil {
			return err
		}
		for _, id := range models {
			changed[id] = true
		}
		if next == last {
			break
		}
		last = next
	}
	for id := range changed {
		rows, err := s.store.Speeds(ctx, id, speedTokens, speedAnswers)
		if err != nil {
			return err
		}
		s.known[id] = speedOf(rows)
	}
	s.last = last
	return nil
}

// speedOf takes answers, newest first. nil: there is none.
func speedOf(rows []storage.Speed) *Speed {
	if len(rows) == 0 {
		return nil
	}
	var rates []float64
	var firsts []int64
	for _, r := range rows {
		if r.Device == rows[0].Device { // a new card makes older figures untrue
			rates = append(rates, r.TokensPerSec)
			firsts = append(firsts, r.FirstToken.Milliseconds())
		}
	}
	slices.Sort(rates)
	slices.Sort(firsts)
	return &Speed{Answers: len(rates), TokensPerSec: rates[len(rates)/2], FirstTokenMS: firsts[len(firsts)/2], Device: rows[0].Device}
}
