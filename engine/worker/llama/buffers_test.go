package llama

import (
	"slices"
	"testing"
)

func TestBufferLog(t *testing.T) {
	var b bufferLog
	for _, line := range []string{
		"load_tensors:   CPU_Mapped model buffer size =    92.10 MiB\n",
		"load_tensors:   CPU_Mapped model buffer size =    1.00 MiB\n",
		"llama_kv_cache:        CPU KV buffer size =   180.00 MiB\n",
		"llama_context:        CPU  output buffer size =     0.19 MiB\n",
		"llama_context:        CPU  output buffer size =    32.06 MiB\n",
		"sched_reserve:      CUDA0 compute buffer size =    35.07 MiB\n",
		"llama_memory_recurrent:      CUDA0 RS buffer size =    2.50 MiB\n",
		"llama_kv_cache: size =  180.00 MiB (  8192 cells), no buffer size here\n",
		"nonsense KV buffer size = 1.2.3 MiB", "", "x: CPU KV buffer size = 99999999999999999999 MiB",
	} {
		b.read([]byte(line))
	}
	mib := func(f float64) int64 { return int64(f*(1<<20) + 0.5) }
	want := []Buffer{{"CUDA0", "compute", mib(35.07)}, {"CPU", "kv", mib(180)}, {"CPU_Mapped", "model", mib(92.10) + mib(1)},
		{"CPU", "output", mib(32.06)}, {"CUDA0", "state", mib(2.5)}}
	if got := b.list(); !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	b.reset()
	if len(b.list()) != 0 {
		t.Error("reset keeps some")
	}
}
