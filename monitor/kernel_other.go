//go:build !linux

package monitor

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v3/load"
)

// machineMeter reads what the system says.
type machineMeter struct {
	cpus cpuMeter
}

func newMachineMeter(sensorArgs) *machineMeter { return &machineMeter{} }

func (m *machineMeter) read(time.Time) *machine {
	ctx := context.Background()
	out := &machine{CPU: m.cpus.read(ctx)}
	if l, err := load.AvgWithContext(ctx); err == nil && out.CPU != nil {
		out.CPU.Load = &Load{One: l.Load1, Five: l.Load5, Fifteen: l.Load15}
	}
	out.Memory, out.Swap = readMemory(ctx)
	return out
}

// diskMeter reads how full the data folder's disk is.
type diskMeter struct{ folder string }

func newDiskMeter(a sensorArgs) *diskMeter { return &diskMeter{a.disk} }

func (m *diskMeter) read(time.Time) *space {
	return &space{readDisk(context.Background(), m.folder)}
}

// cardMeter knows no cards on this system.
type cardMeter struct{}

func newCardMeter(sensorArgs) *cardMeter { return &cardMeter{} }

func (*cardMeter) read(time.Time) *driver { return &driver{} }

// boardMeter knows no temperatures on this system.
type boardMeter struct{}

func newBoardMeter(sensorArgs) *boardMeter { return &boardMeter{} }

func (*boardMeter) read(time.Time) *board { return &board{} }
