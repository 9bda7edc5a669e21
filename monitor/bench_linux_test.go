package monitor

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// What a reading costs on a large machine: 128 processors, eight cards, twenty
// thermometers. The files are a disk's, which cost about as much as the kernel's.
func BenchmarkReadings(b *testing.B) {
	large := tree{"proc/stat": "cpu 1 1 1 1 1 1 1 1 0 0\n"}
	for i := range 128 {
		large["proc/stat"] += fmt.Sprintf("cpu%d 123456 12 34567 9876543 1234 0 123 0 0 0\n", i)
		large[fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", i)] = "2000000\n"
	}
	for i := range 20 {
		large[fmt.Sprintf("sys/class/hwmon/hwmon%d/name", i)] = "chip\n"
		large[fmt.Sprintf("sys/class/hwmon/hwmon%d/temp1_input", i)] = "40000\n"
	}
	for i := range 8 {
		for name, text := range apu {
			large["sys/class/drm/card"+fmt.Sprint(i)+name[len(drm+"card0"):]] = text
		}
	}
	a := sensorArgs{root: plant(b, proc("8 1", 1), large), disk: b.TempDir()}
	machines, boards, cards, disks := newMachineMeter(a), newBoardMeter(a), newCardMeter(a), newDiskMeter(a)
	for name, read := range map[string]func() reading{
		"machine": func() reading { return reading{Machine: machines.read(time.Now())} },
		"board":   func() reading { return reading{Board: boards.read(time.Now())} },
		"disk":    func() reading { return reading{Space: disks.read(time.Now())} },
		"cards":   func() reading { return reading{Cards: cards.read(time.Now())} },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := json.Marshal(read()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" taken", func(b *testing.B) { // by the parent
			line, err := json.Marshal(read())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				var r reading
				if err := json.Unmarshal(line, &r); err != nil {
					b.Fatal(err)
				}
				r.plausible()
			}
		})
	}
}
