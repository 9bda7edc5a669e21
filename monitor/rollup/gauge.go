package rollup

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// ErrDamaged is what decoding says of bytes that encoding did not write.
var ErrDamaged = errors.New("the figures are damaged")

// Name is a gauge: what, and of which device where there are several.
type Name struct{ Name, Device string }

// Gauge is what a figure was over a time.
type Gauge struct {
	N        uint64 // how often it was looked at
	Sum, Max float64
}

// Mean is the mean of what was seen.
func (g Gauge) Mean() float64 { return g.Sum / float64(g.N) }

// Gauges are the figures of a machine over a time.
type Gauges map[Name]Gauge

// Bounds of what Gauges hold: devices come and go under any name.
const (
	maxGauges = 256
	maxName   = 128 // bytes
)

// Add counts what a figure is now. What is no number is left out.
func (g Gauges) Add(name Name, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	g.merge(name, Gauge{1, v, v})
}

func (g Gauges) merge(name Name, o Gauge) {
	old, there := g[name]
	if !there {
		if len(g) < maxGauges && len(name.Name) <= maxName && len(name.Device) <= maxName {
			g[name] = o
		}
		return
	}
	g[name] = Gauge{old.N + o.N, old.Sum + o.Sum, max(old.Max, o.Max)}
}

// Merge adds what was seen in another time.
func (g Gauges) Merge(o Gauges) {
	for name, v := range o {
		g.merge(name, v)
	}
}

// Names lists the gauges in a fixed order.
func (g Gauges) Names() []Name {
	names := make([]Name, 0, len(g))
	for name := range g {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b Name) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Device, b.Device))
	})
	return names
}

// known are the names that are written as a number. Their order must not
// change; new ones come to the end.
var known = []string{
	"cpu_percent", "cpu_steal_percent", "load_1m", "memory_used_bytes", "swap_used_bytes", "disk_free_bytes",
	"disk_read_bytes_per_second", "disk_write_bytes_per_second", "network_receive_bytes_per_second", "network_transmit_bytes_per_second",
	"cpu_temperature_celsius", "cpu_frequency_hertz", "battery_percent", "gpu_utilization_percent", "gpu_memory_used_bytes",
	"gpu_temperature_celsius", "gpu_power_watts", "worker_cpu_percent", "worker_resident_bytes", "answers_active", "answers_queued", "tokens_per_second",
}

// Encode writes the gauges; nil when there are none. Names and devices are
// written once and then by their numbers.
func (g Gauges) Encode() []byte {
	if len(g) == 0 {
		return nil
	}
	texts, number := []string{}, map[string]uint64{}
	for i, name := range known {
		number[name] = uint64(i)
	}
	numberOf := func(s string) uint64 {
		n, seen := number[s]
		if !seen {
			n = uint64(len(known) + len(texts))
			texts, number[s] = append(texts, s), n
		}
		return n
	}
	var rows []byte
	names := g.Names()
	for _, name := range names {
		v := g[name]
		rows = binary.AppendUvarint(binary.AppendUvarint(rows, numberOf(name.Name)), numberOf(name.Device))
		rows = binary.AppendUvarint(rows, v.N)
		rows = binary.LittleEndian.AppendUint64(rows, math.Float64bits(v.Sum))
		rows = binary.LittleEndian.AppendUint64(rows, math.Float64bits(v.Max))
	}
	b := binary.AppendUvarint(begin(kindGauges), uint64(len(texts)))
	for _, s := range texts {
		b = appendText(b, s)
	}
	return seal(append(binary.AppendUvarint(b, uint64(len(names))), rows...))
}

// MergeEncoded adds what Encode wrote. Damaged bytes are ErrDamaged and add nothing.
func (g Gauges) MergeEncoded(src []byte) error {
	if len(src) == 0 {
		return nil
	}
	b, err := open(src, kindGauges)
	if err != nil {
		return err
	}
	texts, b, err := readTexts(b)
	if err != nil {
		return err
	}
	n, b, err := readUint(b)
	if err != nil || n > maxGauges {
		return ErrDamaged
	}
	read := make(Gauges, n)
	for range n {
		var name, device uint64
		var v Gauge
		if name, b, err = readUint(b); err != nil {
			return err
		}
		if device, b, err = readUint(b); err != nil {
			return err
		}
		if v.N, b, err = readUint(b); err != nil {
			return err
		}
		if len(b) < 16 || v.N == 0 || max(name, device) >= uint64(len(texts)) {
			return ErrDamaged
		}
		v.Sum = math.Float64frombits(binary.LittleEndian.Uint64(b))
		v.Max = math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
		if math.IsNaN(v.Sum) || math.IsNaN(v.Max) || math.IsInf(v.Sum, 0) || math.IsInf(v.Max, 0) {
			return ErrDamaged
		}
		read[Name{texts[name], texts[device]}] = v
	}
	if len(b) > 0 {
		return ErrDamaged
	}
	g.Merge(read)
	return nil
}

// readTexts gives the known names and those that are written.
func readTexts(b []byte) (texts []string, rest []byte, err error) {
	n, b, err := readUint(b)
	if err != nil || n > 2*maxGauges {
		return nil, nil, ErrDamaged
	}
	texts = known[:len(known):len(known)]
	for range n {
		var s string
		if s, b, err = readText(b); err != nil {
			return nil, nil, err
		}
		texts = append(texts, s)
	}
	return texts, b, nil
}
