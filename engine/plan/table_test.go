package plan

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"alcove/engine/hardware"
)

var update = flag.Bool("update", false, "write testdata/table.txt anew; read what changed")

const gib = int64(1) << 30

// box is a machine of the table.
type box struct {
	name    string
	machine Machine
	wish    Wish
}

// host makes a machine without GPUs: cores, memory and what is used of it in GiB.
func host(cores int, total, used float64) Machine {
	return Machine{CPU: hardware.CPU{Cores: cores, Logical: cores}, Memory: hardware.Memory{Total: int64(total * float64(gib))}, Used: int64(used * float64(gib))}
}

// with adds a GPU with GiB of memory in total and free.
func (m Machine) with(b Backend, k Kind, description string, total, free float64) Machine {
	n := 0
	for _, d := range m.Devices {
		if d.Backend == b {
			n++
		}
	}
	m.Devices = append(m.Devices[:len(m.Devices):len(m.Devices)], Device{Name: fmt.Sprintf("%s%d", strings.ToUpper(string(b)), n), Description: description,
		Backend: b, Kind: k, Total: int64(total * float64(gib)), Free: int64(free * float64(gib))})
	return m
}

func (m Machine) cuda(description string, total, free float64) Machine {
	return m.with(CUDA, Discrete, description, total, free)
}

// saw adds a GPU that the driver names.
func (m Machine) saw(name string) Machine {
	m.Seen = append(m.Seen[:len(m.Seen):len(m.Seen)], hardware.GPU{Name: name})
	return m
}

// group sets a control group's limits: cores, memory and what is used of it in GiB.
func (m Machine) group(quota, limit, used float64) Machine {
	m.CPU.Quota, m.Memory.Limit, m.GroupUsed = quota, int64(limit*float64(gib)), int64(used*float64(gib))
	return m
}

func boxes() []box {
	auto := Wish{}
	return []box{
		{"2-core CPU box, 4 GB", host(2, 3.8, 0.9), auto},
		{"2-core CPU box, 8 GB", host(2, 7.7, 1.2), auto},
		{"8-core laptop, 16 GB", host(8, 15.5, 4), auto},
		{"16-core workstation, 64 GB", host(16, 62.7, 6), auto},
		{"64-core server, 256 GB", host(64, 251, 8), auto},
		{"container, 2 GB and 1 core", host(16, 62.7, 10).group(1, 2, 0.2), auto},
		{"container, 8 GB on a full host", host(16, 31, 28).group(4, 8, 0.3), auto},
		{"Raspberry Pi 5, 8 GB, arm64", host(4, 7.9, 1), auto},
		{"laptop, Intel iGPU, 16 GB", host(8, 15.5, 4).with(Vulkan, Integrated, "Intel Iris Xe", 7.7, 7.5), auto},
		{"laptop, AMD iGPU, 32 GB", host(8, 30.6, 5).with(Vulkan, Integrated, "AMD Radeon 780M", 15.3, 15), auto},
		{"mini PC, AMD 8060S, 128 GB shared", host(16, 125, 4).with(Vulkan, Integrated, "AMD Radeon 8060S", 110, 109), auto},
		{"Jetson Orin-like arm64, 8 GB shared", host(6, 7.4, 1.5).with(CUDA, Integrated, "Orin", 7.4, 5.6), auto},
		{"Jetson AGX-like arm64, 64 GB shared", host(12, 61, 3).with(CUDA, Integrated, "Orin", 61, 57), auto},
		{"Apple M3, 24 GB shared", host(8, 24, 6).with(Metal, Integrated, "Apple M3", 16, 16), auto},
		{"laptop, RTX 3050 4 GB", host(8, 15.5, 4).cuda("RTX 3050", 4, 3.7), auto},
		{"PC, RTX 4060 8 GB", host(8, 31, 5).cuda("RTX 4060", 8, 7.2), auto},
		{"PC, RTX 3060 12 GB", host(8, 31, 5).cuda("RTX 3060", 11.8, 11.1), auto},
		{"T4 16 GB", host(4, 15.3, 1).cuda("Tesla T4", 14.6, 14.4), auto},
		{"L4 24 GB", host(8, 31, 2).cuda("NVIDIA L4", 22, 21.8), auto},
		{"A10 24 GB", host(16, 62, 3).cuda("NVIDIA A10", 22.5, 22.2), auto},
		{"RTX 4090 24 GB beside an iGPU", host(16, 62, 8).cuda("RTX 4090", 24, 22.7).with(Vulkan, Discrete, "RTX 4090", 24, 22.7).with(Vulkan, Integrated, "Intel UHD 770", 31, 30), auto},
		{"RTX 5090 32 GB", host(16, 62, 8).cuda("RTX 5090", 31.8, 30.5), auto},
		{"L40S 48 GB", host(16, 125, 4).cuda("NVIDIA L40S", 44.5, 44.2), auto},
		{"A100 40 GB", host(12, 83, 3).cuda("A100 40GB", 39.4, 39.1), auto},
		{"A100 80 GB", host(12, 167, 3).cuda("A100 80GB", 79.1, 78.7), auto},
		{"2x A100 40 GB", host(24, 167, 3).cuda("A100 40GB", 39.4, 39.1).cuda("A100 40GB", 39.4, 39.1), auto},
		{"2x A100 80 GB", host(24, 335, 3).cuda("A100 80GB", 79.1, 78.7).cuda("A100 80GB", 79.1, 78.7), auto},
		{"H100 80 GB", host(16, 125, 4).cuda("H100", 79.2, 78.6), auto},
		{"H200 141 GB", host(16, 125, 4).cuda("H200", 139.8, 139.2), auto},
		{"4x mixed: 24, 12, 8, 24 GB", host(32, 125, 4).cuda("RTX 3090", 23.7, 23.3).cuda("RTX 3060", 11.8, 11.5).cuda("RTX 4060", 8, 7.6).cuda("RTX 4090", 23.6, 23.1), auto},
		{"2x T4, 16 GB host", host(8, 15.3, 1).cuda("Tesla T4", 14.6, 14.4).cuda("Tesla T4", 14.6, 14.4), auto},
		{"H100 in a container of 4 GB", host(16, 125, 4).group(8, 4, 0.3).cuda("H100", 79.2, 78.6), auto},
		{"L4 full by another process", host(8, 31, 2).cuda("NVIDIA L4", 22, 0.3), auto},
		{"A10 half full by another process", host(16, 62, 3).cuda("NVIDIA A10", 22.5, 9.8), auto},
		{"2x L4, the first full", host(16, 62, 3).cuda("NVIDIA L4", 22, 0.2).cuda("NVIDIA L4", 22, 21.8), auto},
		{"RTX 4060, CUDA library missing", host(8, 31, 5).saw("RTX 4060"), auto},
		{"RTX 4060, Vulkan only", host(8, 31, 5).saw("RTX 4060").with(Vulkan, Discrete, "RTX 4060", 8, 7.2), auto},
		{"AMD RX 7900 XTX 24 GB, Vulkan", host(16, 62, 5).with(Vulkan, Discrete, "RX 7900 XTX", 24, 23.2), auto},
		{"AMD Instinct MI300X, HIP", host(32, 250, 5).with(HIP, Discrete, "MI300X", 191, 190), auto},
		{"llvmpipe only", host(2, 7.7, 1.2).with(Vulkan, Software, "llvmpipe", 7.7, 6.5), auto},
		{"L4, CPU forced", host(8, 31, 2).cuda("NVIDIA L4", 22, 21.8), Wish{Backend: CPU}},
		{"L4, 32,768 tokens for 4 asked", host(8, 31, 2).cuda("NVIDIA L4", 22, 21.8), Wish{Context: 32768, Users: 4}},
		{"RTX 4060, f16 asked", host(8, 31, 5).cuda("RTX 4060", 8, 7.2), Wish{KV: F16}},
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	out.WriteString(header)
	for _, b := range boxes() {
		fmt.Fprintf(&out, "\n%s\n", b.name)
		for _, m := range []Model{smol135m(), llama1b(), llama8b(), gemma27b(), llama70b()} {
			p := Make(b.machine, m, b.wish)
			fmt.Fprintf(&out, "  %s\n", strings.TrimRight(line(m, p), " "))
		}
	}
	const golden = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, old := strings.Split(out.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(old)) {
		if i >= len(got) || i >= len(old) || got[i] != old[i] {
			t.Fatalf("line %d differs; go test ./engine/plan -run Table -update, and read the difference\ngot  %s\nwant %s", i+1, at(got, i), at(old, i))
		}
	}
}

const header = `Plans for machines and model sizes, with the wish of zeros (16 users, context and KV type free) unless the name says more.
Columns: model, verdict, backend, layers on GPUs/CPU, context x conversations of room, KV type, threads; then by device
what it takes (weights + KV + compute) of what is free, MiB; then how many choices were rejected and the last reason.
135M, 1B, 8B, 70B are Llama shapes in Q4, 27B is Gemma 3 in Q4 (most layers slide a window of 1024).
`

func line(m Model, p Plan) string {
	last := ""
	if n := len(p.Rejected); n > 0 {
		r := p.Rejected[n-1]
		last = fmt.Sprintf("%d rejected, %s", n, r.Code)
		if r.Need > 0 {
			last += fmt.Sprintf(" %d > %d", r.Need/mib, r.Have/mib)
		}
	}
	if p.Verdict == WontFit {
		return fmt.Sprintf("%-4s %-11s | %s", m.Name, p.Verdict, last)
	}
	text := fmt.Sprintf("%-4s %-11s %-6s %2d/%-2d %5dx%-2d %-4s %2dt |", m.Name, p.Verdict, p.Backend, len(m.Layers)-p.Host.Layers, p.Host.Layers,
		p.Context, p.Cells/p.Context, p.KV, p.Threads)
	for _, s := range append(p.Devices[:len(p.Devices):len(p.Devices)], p.Host) {
		text += fmt.Sprintf(" %s", s.Name)
		if len(p.Devices) > 1 && s.Name != "host" {
			text += fmt.Sprintf("[%d]", s.Layers)
		}
		text += fmt.Sprintf(" %d+%d+%d/%d", s.Weights/mib, s.KV/mib, (s.Compute+s.Process)/mib, s.Free/mib)
	}
	return text + " | " + last
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "(nothing)"
}
