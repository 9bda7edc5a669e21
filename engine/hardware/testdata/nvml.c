// A libnvidia-ml.so.1 for tests. FAKE_NVML=hang makes it never answer.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct memory { unsigned long long total, free, used; };

int nvmlInit_v2(void) {
	const char *mode = getenv("FAKE_NVML");
	while (mode && !strcmp(mode, "hang")) sleep(1);
	if (mode && !strcmp(mode, "no driver")) return 9;
	return mode && !strcmp(mode, "broken") ? 999 : 0;
}
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { return code == 999 ? "Unknown Error" : "Error"; }
int nvmlSystemGetDriverVersion(char *out, unsigned n) { strncpy(out, "580.1", n); return 0; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d) { *d = (void *)(unsigned long)(i + 1); return i == 1 ? 15 : 0; }
int nvmlDeviceGetName(void *d, char *out, unsigned n) { (void)d; strncpy(out, "Fake GPU", n); return 0; }
int nvmlDeviceGetUUID(void *d, char *out, unsigned n) { (void)d; strncpy(out, "GPU-1", n); return 0; }
int nvmlDeviceGetMemoryInfo(void *d, struct memory *m) { (void)d; m->total = 80ull << 30; m->free = m->used = 0; return 0; }
