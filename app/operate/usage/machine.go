package usage

import (
	"context"
	"time"

	"alcove/monitor/rollup"
	"alcove/storage"
)

// MachineView is a chart of the machine.
type MachineView struct {
	Span
	Series []MachineSeries `json:"series" nullable:"false"`
}

// MachineSeries is one gauge.
type MachineSeries struct {
	Name   string `json:"name"`
	Unit   string `json:"unit" doc:"percent, bytes, bytes_per_second, celsius, hertz, watts, tokens_per_second, or empty for a plain number."`
	Device string `json:"device,omitempty" doc:"The GPU's name and number."`
	Mean   Values `json:"mean" nullable:"false"`
	Max    Values `json:"max" nullable:"false"`
}

// Machine is what the machine did in the last span.
func (r *Recorder) Machine(ctx context.Context, span time.Duration) (MachineView, error) {
	s, err := r.snapshot(span)
	if err != nil {
		return MachineView{}, err
	}
	g := rollup.GridFor(s.now, span, s.whole)
	steps := make([]rollup.Gauges, g.N)
	all := rollup.Gauges{} // for the names
	at := func(start time.Time) rollup.Gauges {
		i, ok := g.Index(start)
		if !ok {
			return nil
		}
		if steps[i] == nil {
			steps[i] = rollup.Gauges{}
		}
		return steps[i]
	}
	err = r.read(ctx, s, g, source{
		gauges: func(start time.Time, gauges rollup.Gauges) {
			if step := at(start); step != nil {
				step.Merge(gauges)
			}
		},
		machine: func(m storage.UsageMachine) error {
			if step := at(m.Start); step != nil && step.MergeEncoded(m.Figures) != nil {
				r.damage.seen("machine", m.Start)
			}
			return nil
		},
	})
	if err != nil {
		return MachineView{}, err
	}
	for _, step := range steps {
		all.Merge(step)
	}
	view := MachineView{Span: spanOf(g), Series: []MachineSeries{}}
	for _, name := range all.Names() {
		unit, known := units[name.Name]
		if !known {
			continue
		}
		series := MachineSeries{Name: name.Name, Unit: unit, Device: name.Device, Mean: newValues(g.N), Max: newValues(g.N)}
		for i, step := range steps {
			if v, ok := step[name]; ok {
				series.Mean[i], series.Max[i] = v.Mean(), v.Max
			}
		}
		view.Series = append(view.Series, series)
	}
	return view, nil
}
