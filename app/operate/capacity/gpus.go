package capacity

// GPU is a class of accelerators as its maker's data sheet has it.
type GPU struct {
	Name      string
	Memory    float64 // GB
	Bandwidth float64 // GB/s
	TFLOPS    float64 // FP16 or BF16 with tensor cores, dense, FP32 sums where the sheet tells them apart
	Note      string
	// Remote says that it cannot be put into this box.
	Remote bool
}

// gpus are classes that people ask about. The figures are those of the makers'
// data sheets as of 2025 (docs/capacity.md).
var gpus = []GPU{
	{Name: "NVIDIA T4", Memory: 16, Bandwidth: 320, TFLOPS: 65},
	{Name: "NVIDIA L4", Memory: 24, Bandwidth: 300, TFLOPS: 121},
	{Name: "NVIDIA A10", Memory: 24, Bandwidth: 600, TFLOPS: 125},
	{Name: "NVIDIA RTX 3090", Memory: 24, Bandwidth: 936, TFLOPS: 71},
	{Name: "NVIDIA RTX 4090", Memory: 24, Bandwidth: 1008, TFLOPS: 165},
	{Name: "NVIDIA RTX 5090", Memory: 32, Bandwidth: 1792, TFLOPS: 209},
	{Name: "NVIDIA L40S", Memory: 48, Bandwidth: 864, TFLOPS: 362},
	{Name: "NVIDIA A100 40 GB", Memory: 40, Bandwidth: 1555, TFLOPS: 312},
	{Name: "NVIDIA A100 80 GB", Memory: 80, Bandwidth: 2039, TFLOPS: 312},
	{Name: "NVIDIA H100 SXM", Memory: 80, Bandwidth: 3350, TFLOPS: 989},
	{Name: "NVIDIA H200 SXM", Memory: 141, Bandwidth: 4800, TFLOPS: 989},
	{Name: "Google TPU v5e", Memory: 16, Bandwidth: 819, TFLOPS: 197, Remote: true,
		Note: "Remote only: it is rented in Google's cloud, cannot be put into this box, and does not run this engine."},
}

// GPUNames are the classes that estimates are made for.
func GPUNames() []string {
	names := make([]string, 0, len(gpus))
	for _, g := range gpus {
		names = append(names, g.Name)
	}
	return names
}

// Shares of a data sheet's figures that an engine such as this one reaches: of
// the bandwidth when it writes, of the FLOPS when it reads prompts.
const (
	reachBandwidth = .6
	reachFLOPS     = .3
)

// Margins of estimates, in per cent.
const (
	marginBox   = 25 // this box and model, another quant or cache
	marginModel = 35 // this box, another model
	marginGPU   = 50 // another device
)

// bits a weight of usual quants, with their scales, as llama.cpp's quantize
// lists them.
var quantBits = map[string]float64{
	"F16": 16, "BF16": 16, "Q8_0": 8.5, "Q6_K": 6.56, "Q5_K_M": 5.69, "Q5_K_S": 5.54, "Q5_1": 6, "Q5_0": 5.5, "Q4_K_M": 4.85, "Q4_K_S": 4.58,
	"Q4_1": 5, "Q4_0": 4.55, "IQ4_XS": 4.3, "IQ4_NL": 4.5, "Q3_K_M": 3.91, "Q2_K": 3.16, "MXFP4": 4.25,
}

// kvSize is a cache type's size by that of f16: q8_0 has a scale for each 32.
var kvSize = map[string]float64{"f16": 1, "q8_0": 34.0 / 64}
