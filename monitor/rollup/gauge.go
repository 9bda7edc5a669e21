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
	old, known := g[name]
	if !known {
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

// Encode writes the gauges; nil when there are none.
func (g Gauges) Encode() []byte {
	if len(g) == 0 {
		return nil
	}
	b := begin(kindGauges)
	b = binary.AppendUvarint(b, uint64(len(g)))
	for _, name := range g.Names() {
		v := g[name]
		b = appendText(appendText(b, name.Name), name.Device)
		b = binary.AppendUvarint(b, v.N)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Sum))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Max))
	}
	return seal(b)
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
	n, b, err := readUint(b)
	if err != nil || n > maxGauges {
		return ErrDamaged
	}
	read := make(Gauges, n)
	for range n {
		var name Name
		var v Gauge
		if name.Name, b, err = readText(b); err != nil {
			return err
		}
		if name.Device, b, err = readText(b); err != nil {
			return err
		}
		if v.N, b, err = readUint(b); err != nil {
			return err
		}
		if len(b) < 16 || v.N == 0 {
			return ErrDamaged
		}
		v.Sum = math.Float64frombits(binary.LittleEndian.Uint64(b))
		v.Max = math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
		if math.IsNaN(v.Sum) || math.IsNaN(v.Max) || math.IsInf(v.Sum, 0) || math.IsInf(v.Max, 0) {
			return ErrDamaged
		}
		read[name] = v
	}
	if len(b) > 0 {
		return ErrDamaged
	}
	g.Merge(read)
	return nil
}
