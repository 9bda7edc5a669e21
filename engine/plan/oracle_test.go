package plan

import "slices"

// The oracle computes the same sums as the package in another way: one item
// after the other, with divisions of layers found by trying all of them.

// oracle is one choice laid bare.
type oracle struct {
	model   Model
	cells   int
	kv      KVType
	seqs    int
	batch   int
	backend Backend
	onHost  int
	gpus    int // that the steps are pipelined over
}

func (o oracle) cellsOf(l Layer) int64 {
	n := o.cells
	if l.Sliding && o.model.Window > 0 {
		n = min((n+255)/256*256, o.model.Window*(o.seqs+1)+o.batch)
	}
	for n%256 != 0 {
		n++
	}
	return int64(n)
}

func (o oracle) cacheOf(l Layer) int64 {
	var sum int64
	for _, dim := range []int{l.KeyDim, l.ValueDim} {
		n := int64(l.KVHeads * dim)
		if o.kv == F16 {
			sum += n * 2 * o.cellsOf(l)
		} else {
			sum += (n/32*2 + n) * o.cellsOf(l) // a scale for 32 elements, and a byte each; q8_0 rows are whole blocks
		}
	}
	for range o.seqs + 1 {
		sum += l.State
	}
	return sum
}

func (o oracle) scores() int64 { return int64(o.model.Vocab) * int64(o.seqs+1) * 4 }

// maskOf is how many cells the masks of one row have.
func (o oracle) maskOf() int64 {
	var mask, slide int64
	for _, l := range o.model.Layers {
		if l.KVHeads != 0 {
			mask = int64((o.cells + 255) / 256 * 256)
		}
		if l.Sliding {
			slide = o.cellsOf(l)
		}
	}
	return mask + slide
}

func (o oracle) buffer(copies int64) int64 {
	width := int64(o.model.Hidden)
	for _, l := range o.model.Layers {
		width = max(width, int64(o.model.Heads*l.KeyDim), int64(o.model.Heads*l.ValueDim))
	}
	perRow := max(16*width, 4*width+12*int64(o.model.Hidden+o.model.FeedForward))
	for _, l := range o.model.Layers {
		perRow = max(perRow, 28*int64(l.Inner))
	}
	return (perRow + 2*copies*o.maskOf()) * o.rows()
}

// gpuBuffer is buffer with the steps that a GPU fuses.
func (o oracle) gpuBuffer(copies int64) int64 {
	row := int64(8*o.model.Hidden + 12*o.model.FeedForward)
	for _, l := range o.model.Layers {
		for _, dim := range []int{l.KeyDim, l.ValueDim} {
			row = max(row, int64(4*o.model.Hidden+12*o.model.Heads*dim))
		}
		row = max(row, 28*int64(l.Inner))
	}
	return min(o.buffer(copies), (row+2*copies*o.maskOf())*o.rows())
}

// rows is the smallest multiple of all sequences that holds a batch.
func (o oracle) rows() int64 {
	n := o.seqs + 1
	for n < o.batch {
		n += o.seqs + 1
	}
	return int64(n)
}

// gpuNeed is what one GPU needs for items [from, to) of the layers, the output
// being the item after the last.
func (o oracle) gpuNeed(from, to int) int64 {
	if from == to {
		return 0
	}
	copies := int64(1)
	if o.gpus > 1 {
		copies = 4
	}
	var sum, widened, sent int64
	for i, l := range o.model.Layers {
		if o.kv == Q8_0 && o.backend != Vulkan {
			widened = max(widened, 2*o.cellsOf(l)*int64(l.KVHeads*(l.KeyDim+l.ValueDim)))
		}
		if i < o.onHost {
			key := l
			key.ValueDim, key.State = 0, 0
			sent = max(sent, l.Largest+3*o.cacheOf(key))
		}
		if i >= from && i < to {
			sum += l.Weights + o.cacheOf(l)
		}
	}
	step := o.gpuBuffer(copies) + widened + sent
	if to == len(o.model.Layers)+1 {
		sum += o.model.Output
		step = max(step, o.scores()+8*int64(o.model.Hidden)*(o.rows()+int64(o.seqs+1)))
	}
	return sum + step
}

func (o oracle) hostNeed() int64 {
	sum := 192<<20 + o.model.Embedding + o.scores()
	for i := range o.onHost {
		sum += o.model.Layers[i].Weights + o.cacheOf(o.model.Layers[i])
	}
	steps := []int64{0}
	if o.onHost > 0 {
		steps = append(steps, o.buffer(1))
	}
	rows := int64(o.model.Hidden) * o.rows() * 4
	if o.backend != CPU {
		return sum + 384<<20 + slices.Max(append(steps, rows))
	}
	return sum + o.model.Output + slices.Max(append(steps, o.scores()+2*rows+int64(8*o.model.Hidden*(o.seqs+1))))
}

// oracleRoom is what the host may hold.
func oracleRoom(m Machine) int64 {
	free := m.Memory.Total - m.Used
	if m.Memory.Limit > 0 && m.Memory.Limit-m.GroupUsed < free {
		free = m.Memory.Limit - m.GroupUsed
	}
	if free < 0 {
		return 0
	}
	reserve := free / 10
	if reserve < 128<<20 {
		reserve = 128 << 20
	}
	if reserve > 4<<30 {
		reserve = 4 << 30
	}
	return max(0, free-reserve)
}

func oracleBudget(m Machine, d Device) int64 {
	if d.Kind == Discrete {
		return max(0, d.Free-512<<20)
	}
	return max(0, min(d.Free, oracleRoom(m)))
}

// fits tries every division of the layers over every set of at most most of the devices.
func (o oracle) fits(m Machine, devices []Device, most int) bool {
	room := oracleRoom(m) - o.hostNeed()
	if room < 0 {
		return false
	}
	if o.backend == CPU {
		return true
	}
	return o.divide(m, devices, most, o.onHost, room)
}

func (o oracle) divide(m Machine, devices []Device, most, from int, room int64) bool {
	end := len(o.model.Layers) + 1
	if from == end {
		return true
	}
	if len(devices) == 0 || most == 0 {
		return false
	}
	if o.divide(m, devices[1:], most, from, room) {
		return true
	}
	for to := from + 1; to <= end; to++ {
		need, left := o.gpuNeed(from, to), room
		if devices[0].Kind != Discrete {
			left -= need
		}
		if need <= oracleBudget(m, devices[0]) && left >= 0 && o.divide(m, devices[1:], most-1, to, left) {
			return true
		}
	}
	return false
}
