package hardware

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOnBattery(t *testing.T) {
	for name, test := range map[string]struct {
		supplies []string // "name type=.. online=.."
		want     bool
	}{
		"a desktop":                  {nil, false},
		"a laptop at its charger":    {[]string{"AC type=Mains online=1", "BAT0 type=Battery status=Discharging"}, false},
		"a laptop without":           {[]string{"AC type=Mains online=0", "BAT0 type=Battery status=Discharging"}, true},
		"charged and not used":       {[]string{"AC type=Mains online=0", "BAT0 type=Battery status=Full"}, false},
		"charging by USB":            {[]string{"UCSI type=USB online=1", "BAT0 type=Battery status=Charging"}, false},
		"a desktop's mouse":          {[]string{"hid type=Battery scope=Device status=Discharging"}, false},
		"two batteries":              {[]string{"BAT0 type=Battery status=Unknown", "BAT1 type=Battery scope=System status=Discharging"}, true},
		"a supply that says nothing": {[]string{"odd x=y"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, s := range test.supplies {
				fields := strings.Fields(s)
				for _, f := range fields[1:] {
					key, value, _ := strings.Cut(f, "=")
					p := filepath.Join(dir, fields[0], key)
					if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(p, []byte(value+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := onBattery(dir); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
	if onBattery(filepath.Join(t.TempDir(), "none")) {
		t.Error("without a list")
	}
}
