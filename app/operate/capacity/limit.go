package capacity

import "fmt"

// loudClient is the share of the machine, in per cent, from which on this
// program itself is what limits.
const loudClient = 25

// limitOf decides what keeps more people from being served, from what was
// measured: places and cells where the bound still holds when they are taken;
// else whichever of reading prompts and writing tokens takes more of the time.
func limitOf(r Result, stop Stop) Limit {
	if len(r.Steps) == 0 {
		return Limit{LimitUnknown, "Nothing was measured."}
	}
	s := r.Steps[len(r.Steps)-1]
	kept := s.FirstP95 <= r.Settings.Bound
	switch {
	case s.Client >= loudClient:
		return Limit{LimitClient, fmt.Sprintf("The program itself took %.0f %% of this machine while %d people asked: it is part of what was measured.", s.Client, s.People)}
	case s.Preempted > 0:
		return Limit{LimitMemory, fmt.Sprintf("Memory: with %d people %d answers had to give up their part of the cache for a while. A smaller KV type, a shorter context or more memory gives more room.", s.People, s.Preempted)}
	case kept && stop.Kind == StopSlots:
		return Limit{LimitMemory, fmt.Sprintf("Places: the model was loaded with %d, and with all of them taken the bound is still kept. More places, if memory allows, serve more people.", r.Facts.Slots)}
	case kept && stop.Kind == StopCells:
		return Limit{LimitMemory, fmt.Sprintf("Memory: the cache holds %d tokens, and with it full the bound is still kept. A smaller KV type (q8_0 takes about half) or more memory serves more people.", r.Facts.Cells)}
	case kept && (stop.Kind == StopUser || stop.Kind == StopTime || stop.Kind == StopBusy || stop.Kind == StopFail):
		return Limit{LimitUnknown, fmt.Sprintf("It ended before anything limited: with %d people the bound is still kept.", s.People)}
	case kept && stop.Kind == StopMost:
		return Limit{LimitNone, fmt.Sprintf("Nothing yet: %d people keep the bound, and more were not tried.", s.People)}
	}
	return byTime(r, s)
}

// byTime shares out the time of a step.
func byTime(r Result, s Step) Limit {
	if s.Seconds <= 0 || r.Prefill <= 0 || s.Answers == 0 {
		return Limit{LimitUnknown, "What limits cannot be told from what was measured."}
	}
	read := float64(s.Answers) * float64(s.Computed) / r.Prefill
	share := min(1, read/s.Seconds)
	if share >= .5 {
		return Limit{LimitCompute, fmt.Sprintf("Compute: with %d people about %.0f %% of the time goes into reading prompts. A faster GPU, a smaller model or shorter texts help; memory does not.", s.People, 100*share)}
	}
	return Limit{LimitBandwidth, fmt.Sprintf("Memory bandwidth: with %d people about %.0f %% of the time goes into writing tokens, and each step of that reads the model's weights. A smaller quant or model, or faster memory, helps.", s.People, 100*(1-share))}
}
