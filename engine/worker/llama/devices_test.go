package llama

import (
	"slices"
	"testing"

	"alcove/engine/wire"
)

func TestPick(t *testing.T) {
	dev := func(name, backend, kind string) device {
		return device{Device: wire.Device{Name: name, Backend: backend, Kind: kind}}
	}
	cuda0, cuda1 := dev("CUDA0", "cuda", discrete), dev("CUDA1", "cuda", discrete)
	vulkan0, inside, drawn := dev("Vulkan0", "vulkan", discrete), dev("Vulkan1", "vulkan", integrated), dev("Vulkan2", "vulkan", software)
	cases := map[string]struct {
		all  []device
		only string
		want []string
	}{
		"none":                        {nil, "", nil},
		"one card, two backends":      {[]device{vulkan0, cuda0}, "", []string{"CUDA0"}},
		"two cards":                   {[]device{cuda0, cuda1, vulkan0}, "", []string{"CUDA0", "CUDA1"}},
		"stepped down":                {[]device{cuda0, vulkan0, inside}, "vulkan", []string{"Vulkan0"}},
		"inside the processor":        {[]device{inside}, "", []string{"Vulkan1"}},
		"the card before the inside":  {[]device{inside, vulkan0}, "", []string{"Vulkan0"}},
		"drawn by the CPU, if asked":  {[]device{drawn}, "", []string{"Vulkan2"}},
		"never drawn beside a real":   {[]device{drawn, inside}, "", []string{"Vulkan1"}},
		"unknown backends come last":  {[]device{dev("X0", "x", discrete), vulkan0}, "", []string{"Vulkan0"}},
		"a backend that is not there": {[]device{vulkan0}, "cuda", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range pick(c.all, c.only) {
				got = append(got, d.Name)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
	if got := describeDevices([]device{cuda0, cuda1}); got != "CUDA0  and 1 more" {
		t.Errorf("%q", got)
	}
}
