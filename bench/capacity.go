package main

import (
	"context"
	"fmt"
	"math"
	"time"
)

// This file is whether Alcove's estimates of this box are true: what it expects
// of more people from what one person saw, beside what it then measures.

// estimateLimit is how far an estimate for this box may be off, in per cent
// (docs/capacity.md).
const estimateLimit = 25

// capacityPeople are how many ask at once at most.
const capacityPeople = 8

// measuredCapacity is what GET /api/v1/capacity says, of that what is needed.
type measuredCapacity struct {
	Running *struct{} `json:"running"`
	Result  *struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Steps  []struct {
			People    int `json:"people"`
			Answers   int `json:"answers"`
			Output    int `json:"output_tokens"`
			Predicted *struct {
				First    float64 `json:"first_token_ratio"`
				Together float64 `json:"tokens_ratio"`
			} `json:"predicted"`
		} `json:"steps"`
	} `json:"result"`
}

// ownCapacity lets the box measure itself. The bound is far, so that every
// step up to eight people is made.
func ownCapacity(ctx context.Context, b *box, _ int, s *segment) error {
	body := fmt.Sprintf(`{"bound_seconds":60,"most_people":%d}`, capacityPeople)
	if err := b.call(ctx, "POST", "/api/v1/capacity", b.token, body, nil); err != nil {
		return err
	}
	var v measuredCapacity
	for v.Running = new(struct{}); v.Running != nil; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond): // asking takes the processor from what is measured
		}
		v = measuredCapacity{}
		if err := b.call(ctx, "GET", "/api/v1/capacity", b.token, "", &v); err != nil {
			return err
		}
	}
	if v.Result == nil || v.Result.Status != "done" {
		return fmt.Errorf("the box did not measure itself: %+v", v.Result)
	}
	worst := 0.0
	for _, step := range v.Result.Steps {
		s.got, s.asked = s.got+step.Answers*step.Output, s.asked+step.Answers*step.Output
		if step.Predicted == nil {
			continue
		}
		s.samples[fmt.Sprint("capacity_first_", step.People)] = step.Predicted.First
		s.samples[fmt.Sprint("capacity_speed_", step.People)] = step.Predicted.Together
		for _, ratio := range []float64{step.Predicted.First, step.Predicted.Together} {
			worst = max(worst, 100*math.Abs(ratio-1))
		}
	}
	s.samples["capacity_error"] = worst
	return nil
}

// capacityMethod says how it was measured.
func capacityMethod() []string {
	return []string{
		"A new process and an empty data folder for each segment. The box measures itself (`POST /api/v1/capacity`): one person, then 2, 4 and 8 at once, 900 shared + 60 own + 120 answer tokens, nobody else asking. Nothing of it goes over HTTP but its result.",
		"Predicted: from the step with one person and the reading of the shared text alone, by the formulas of docs/capacity.md. A ratio is predicted divided by measured: of the first token (P95), and of tokens a second of all together.",
		fmt.Sprintf("Estimates for this box shall be within %d %%. Where the row of the worst error is missed, they are not: believe the measurement, not the estimate.", estimateLimit),
		fmt.Sprintf("A round in which the hypervisor stole more than %.0f %% of any segment, or other programs used more than %.0f %%, was repeated; the calmer attempt counts.", stealLimit, othersLimit),
	}
}
