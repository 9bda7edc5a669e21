package local

import (
	"fmt"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
)

// This file looks for a better device than the one that answers.

// A machine that did not run for so long has slept: its GPU may be back.
const sleptFor = 30 * time.Second

// degraded is a loaded model that may not have the best device.
type degraded struct {
	unit    *unit
	backend string       // that it has, "" for the CPU
	before  surroundings // when its worker was started
	avoid   map[string]string
}

// reprobe looks for GPUs in a goroutine, when a loaded model is not on the one
// that it could have. It does so once a minute, and at once after a sleep.
func (s *supervisor) reprobe(now time.Time) {
	if gap := now.Sub(s.ticked); !s.ticked.IsZero() && gap > sleptFor {
		s.ladder.forgive(now)
		s.probeAt = now
	}
	s.ticked = now
	if s.probing || now.Before(s.probeAt) || s.cfg.DeviceOnly == deviceCPU || s.closed {
		return
	}
	s.probeAt = now.Add(s.cfg.Reprobe)
	var list []degraded
	for _, u := range s.units {
		if u.phase != phaseReady || u.worker.gpuReason == "" || u.leaving {
			continue
		}
		list = append(list, degraded{unit: u, backend: u.worker.backend, before: u.worker.around, avoid: u.avoid})
	}
	if len(list) == 0 {
		return
	}
	s.probing = true
	go func() {
		s.events <- event{probed: &probed{around: s.cfg.lookAround(s.looking), drivers: fmt.Sprint(hardware.ReadGPUs()), list: list}}
	}()
}

// probed is what a look for GPUs brought.
type probed struct {
	around  surroundings
	drivers string // the GPUs and their drivers, as the kernel lists them
	list    []degraded
}

// better lets models be loaded again that would have a better device now.
func (s *supervisor) better(p *probed, now time.Time) {
	if s.drivers != "" && s.drivers != p.drivers {
		s.ladder.forgive(now)
	}
	s.probing, s.drivers = false, p.drivers
	avoid := s.ladder.avoided(now)
	for _, d := range p.list {
		u := d.unit
		if !slices.Contains(s.units, u) || u.phase != phaseReady || u.leaving {
			continue
		}
		want := bestBackend(p.around.devices, avoid, s.cfg.DeviceOnly)
		if want != d.backend && want != "" && d.lacked(want) {
			s.log.Info("a better device is there: the model is loaded again", "model", u.model.ID, "backend", want, "before", d.backend)
			u.renew = true
		}
	}
}

// lacked says that a backend could not be used when the worker was started. One
// that could and was not chosen has too little memory.
func (d degraded) lacked(backend string) bool {
	_, avoided := d.avoid[backend]
	_, broken := d.before.broken[backend]
	return avoided || broken || !slices.ContainsFunc(d.before.devices, func(o engine.Device) bool { return o.Backend == backend })
}
