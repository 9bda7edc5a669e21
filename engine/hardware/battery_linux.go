package hardware

import (
	"os"
	"path/filepath"
	"strings"
)

// OnBattery says whether the machine runs on its battery now. It is false where
// nobody knows.
func OnBattery() bool { return onBattery("/sys/class/power_supply") }

// onBattery reads the kernel's list of supplies: a mains supply that is online
// settles it, a battery of the machine itself (a mouse has one too) counts
// while it discharges.
func onBattery(dir string) bool {
	supplies, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	discharging := false
	for _, s := range supplies {
		fact := func(name string) string {
			data, err := os.ReadFile(filepath.Join(dir, s.Name(), name))
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(data))
		}
		switch fact("type") {
		case "Mains", "USB":
			if fact("online") == "1" {
				return false
			}
		case "Battery":
			if fact("scope") != "Device" && fact("status") == "Discharging" {
				discharging = true
			}
		}
	}
	return discharging
}
