package monitor

import "time"

// faults remembers what the sensors have said of each device's faults, by UUID:
// a GPU that fails often takes them with it.
type faults map[string]fault

// fault is what is known of one device.
type fault struct {
	from   *child
	before int64 // counted by the sensors before these
	count  int64
	xid    *int64
	at     *time.Time
}

// keep adds what earlier sensors have counted to what these say: they begin at
// nothing.
func (f *faults) keep(from *child, gpus []GPU) []GPU {
	if *f == nil {
		*f = faults{}
	}
	for i := range gpus {
		g := &gpus[i]
		k, known := (*f)[g.UUID]
		if g.UUID == "" || !known && g.XidCount == 0 {
			continue
		}
		if k.from != from {
			k.from, k.before = from, k.count
		}
		if g.XidCount > 0 {
			k.xid, k.at = g.Xid, g.XidAt
		}
		k.count = k.before + g.XidCount
		g.Xid, g.XidAt, g.XidCount = k.xid, k.at, k.count
		(*f)[g.UUID] = k
	}
	return gpus
}
