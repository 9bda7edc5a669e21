package library

import "alcove/engine"

// Room is the memory of a box in bytes. GPU is that of all GPUs together that
// the engine can use and that have memory of their own; 0: none. Memory 0: the
// box does not tell.
type Room struct {
	Memory int64 `json:"memory"`
	GPU    int64 `json:"gpu"`
}

// The rule of a row's verdict. engine/plan knows better once a file is there:
// it needs the header, and this must say something before there is one.
const (
	// What a GPU keeps free, as in engine/plan: the backend and a desktop.
	gpuReserve = 512 << 20
	// An eighth of the memory is the system's, at least and at most so much.
	hostReserveMin = 768 << 20
	hostReserveMax = 8 << 30
	// A step's buffers: a twentieth of the weights, at least this.
	stepMin = 300e6
	// What fits comfortably takes at most so many percent of what may be used.
	comfortable = 85
	// Without a GPU a token reads its weights from memory. More than this is
	// below the speed of reading on a PC with 40 GB/s.
	readable = 5.5e9
)

// need is what an entry takes with one long conversation, in bytes.
func (e Entry) need() int64 { return e.Bytes + e.CacheBytes + max(stepMin, e.Bytes/20) }

// read is what one token reads of the weights, in bytes.
func (e Entry) read() int64 { return e.Bytes / 100 * int64(e.ReadPercent) }

// usable is what models may take, in bytes.
func (r Room) usable() (gpu, host int64) {
	reserve := min(max(r.Memory/8, hostReserveMin), hostReserveMax)
	return max(0, r.GPU-gpuReserve), max(0, r.Memory-reserve)
}

// judge says whether an entry fits, and whether that is tight: in memory, or
// in speed.
func (r Room) judge(e Entry) (verdict engine.Verdict, tight bool) {
	gpu, host := r.usable()
	need := e.need()
	roomy := func(room int64) bool { return need <= room/100*comfortable }
	switch {
	case r.Memory == 0 && r.GPU == 0:
		return "", false
	case need <= gpu:
		return engine.VerdictFits, !roomy(gpu)
	case r.GPU > 0 && need <= gpu+host:
		return engine.VerdictPartly, true
	case r.GPU == 0 && need <= host:
		return engine.VerdictFits, !roomy(host) || e.read() > readable
	}
	return engine.VerdictWont, false
}

// recommend gives the largest chat model that fits comfortably, else the
// smallest that fits at all, else "".
func recommend(rows []CatalogueRow) string {
	var best, least *CatalogueRow
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Purpose != PurposeChat || r.Verdict == "" || r.Verdict == engine.VerdictWont:
		case r.Tight:
			if least == nil || r.Bytes < least.Bytes {
				least = r
			}
		case best == nil || r.Bytes > best.Bytes:
			best = r
		}
	}
	switch {
	case best != nil:
		return best.ID
	case least != nil:
		return least.ID
	}
	return ""
}

// RoomOf is a box with so much memory and these GPUs. A card that two backends
// see counts once; integrated ones use the same memory as the CPU.
func RoomOf(memory int64, devices []engine.Device) Room {
	byBackend := map[string]int64{}
	room := Room{Memory: max(0, memory)}
	for _, d := range devices {
		if d.Kind == "gpu" && d.Total > 0 {
			byBackend[d.Backend] += d.Total
			room.GPU = max(room.GPU, byBackend[d.Backend])
		}
	}
	return room
}
