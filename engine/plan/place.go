package plan

import "math/bits"

// steps is how finely GPUs are filled evenly.
const steps = 64

// maxRoom bounds what a driver may claim, in bytes, so that products with steps
// stay inside an int64.
const maxRoom = 1 << 50

// budget is what a device may hold of a plan, in bytes. An integrated GPU has
// the host's memory, which place checks as a whole.
func (e *env) budget(d Device) int64 {
	if sharesHost(d.Kind) {
		return max(0, min(d.Free, e.room, maxRoom))
	}
	return max(0, min(d.Free-gpuReserve, maxRoom))
}

// place lays a choice out and says whether it fits. Of the sets of GPUs that
// hold it, the one that is filled least counts.
func (e *env) place(c choice) (Plan, bool) {
	onHost := len(e.model.Layers) - c.layers
	host := hostShare(e.model, c.shape, onHost, c.backend != CPU)
	host.Free, host.Reserve = e.free, e.free-e.room
	if host.Need() > e.room {
		return Plan{}, false
	}
	if c.backend == CPU {
		return e.plan(c, nil, host), true
	}
	devices := e.usable[c.backend]
	var best []Share
	fill := int64(steps + 1)
	for set := 1; set < 1<<len(devices); set++ {
		if bits.OnesCount(uint(set)) != c.devices {
			continue
		}
		var some []Device
		for i, d := range devices {
			if set&(1<<i) != 0 {
				some = append(some, d)
			}
		}
		shares, n := e.balance(c, some)
		if shares != nil && n < fill && e.shared(shares)+host.Need() <= e.room {
			best, fill = shares, n
		}
	}
	if best == nil {
		return Plan{}, false
	}
	return e.plan(c, best, host), true
}

// shared is what shares take of the host's memory: those of GPUs without memory of their own.
func (e *env) shared(shares []Share) int64 {
	var sum int64
	for _, s := range shares {
		for _, d := range e.machine.Devices {
			if d.Name == s.Name && sharesHost(d.Kind) {
				sum += s.Need()
			}
		}
	}
	return sum
}

// balance divides the layers over the devices so that the fullest is filled as
// little as possible, in steps/64. nil: not even full ones hold them.
func (e *env) balance(c choice, devices []Device) ([]Share, int64) {
	if e.fill(c, devices, steps) == nil {
		return nil, 0
	}
	low, high := int64(1), int64(steps)
	for low < high {
		mid := (low + high) / 2
		if e.fill(c, devices, mid) != nil {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return e.fill(c, devices, high), high
}

// fill gives each device in turn as many of the following layers as n/64 of its
// budget holds; the output comes last. llama.cpp wants the layers in the order
// of the devices. Taking as many as possible is right: it leaves the least for
// the others, and what a device holds only grows with its layers.
func (e *env) fill(c choice, devices []Device, n int64) []Share {
	next, last := len(e.model.Layers)-c.layers, len(e.model.Layers)
	compute := gpuCompute(e.model, c.shape, next, c.backend, len(devices))
	var shares []Share
	for _, d := range devices {
		budget := e.budget(d)
		budget -= budget * (steps - n) / steps
		s := Share{Name: d.Name, Compute: compute, Free: d.Free, Reserve: gpuReserve}
		if sharesHost(d.Kind) {
			s.Reserve = max(0, d.Free-e.budget(d))
		}
		for ; next <= last; next++ {
			with := s
			if next == last {
				with.Output = true
				with.Weights += e.model.Output
				with.Compute = max(with.Compute, scores(e.model, c.shape))
			} else {
				l := e.model.Layers[next]
				with.Layers++
				with.Weights += l.Weights
				with.KV += layerKV(e.model, l, c.shape)
			}
			if with.Need() > budget {
				break
			}
			s = with
		}
		if s.Layers > 0 || s.Output {
			shares = append(shares, s)
		}
	}
	if next <= last {
		return nil
	}
	return shares
}

// plan writes a layout down.
func (e *env) plan(c choice, shares []Share, host Share) Plan {
	p := Plan{
		Verdict: Fits, Backend: c.backend, Devices: shares, Host: host,
		Context: c.shape.context, Slots: e.users, Seqs: c.shape.seqs, Cells: c.shape.cells, KV: c.shape.kv,
		Threads: threads(e.machine.CPU, host.Layers), Batch: c.shape.batch,
	}
	if c.backend != CPU {
		p.GPULayers = c.layers + 1
	}
	if host.Layers > 0 && len(e.usable) > 0 {
		p.Verdict = FitsPartly
	}
	if len(shares) > 1 {
		for _, s := range shares {
			n := float32(s.Layers)
			if s.Output {
				n++
			}
			p.TensorSplit = append(p.TensorSplit, n)
		}
	}
	return p
}
