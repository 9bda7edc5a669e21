// A libnvidia-ml.so.1 for tests. The file "mode" beside it says how it
// behaves, and may change while a program runs: good, nonsense, lost, hang,
// crash, old (another driver is loaded), none (no driver is loaded).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct memory { unsigned long long total, free, used; };
struct utilization { unsigned gpu, memory; };

static int in(const char *want) {
	char path[PATH_MAX], mode[16] = "";
	Dl_info self;
	FILE *f;
	if (!dladdr((void *)in, &self)) return 0;
	strncpy(path, self.dli_fname, sizeof path - 8);
	strcpy(strrchr(path, '/'), "/mode");
	if (!(f = fopen(path, "r"))) return 0;
	if (fscanf(f, "%15s", mode) != 1) mode[0] = 0;
	fclose(f);
	return !strcmp(mode, want);
}

static int answer(void) {
	if (in("crash")) *(volatile int *)0 = 1;
	if (in("hang")) sleep(60);
	return in("lost") ? 15 : 0;
}

int nvmlInit_v2(void) { return in("none") ? 9 : in("old") ? 18 : 0; }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { return code == 15 ? "GPU is lost" : code == 18 ? "Driver/library version mismatch" : "Error"; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = in("nonsense") ? 4000000000u : 2; return in("none") ? 9 : 0; }

int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d) {
	*d = (void *)(unsigned long)(i + 1);
	return i == 0 ? answer() : 0;
}
int nvmlDeviceGetName(void *d, char *out, unsigned n) {
	if (in("nonsense")) memset(out, 0xff, n);
	else snprintf(out, n, "Fake GPU %lu", (unsigned long)d);
	return 0;
}
int nvmlDeviceGetUUID(void *d, char *out, unsigned n) {
	if (in("nonsense")) memset(out, 'x', n);
	else snprintf(out, n, "GPU-%lu", (unsigned long)d);
	return 0;
}
int nvmlDeviceGetUtilizationRates(void *d, struct utilization *u) {
	(void)d;
	u->gpu = in("nonsense") ? 4294967295u : 42;
	u->memory = 7;
	return 0;
}
int nvmlDeviceGetMemoryInfo(void *d, struct memory *m) {
	(void)d;
	m->total = in("nonsense") ? 1 : 80000000000ull;
	m->used = in("nonsense") ? ~0ull : 20000000000ull;
	m->free = m->total - m->used;
	return 0;
}
int nvmlDeviceGetTemperature(void *d, int sensor, unsigned *t) {
	(void)d, (void)sensor;
	*t = in("nonsense") ? 4294967295u : 61;
	return 0;
}
// The second device does not measure its power.
int nvmlDeviceGetPowerUsage(void *d, unsigned *p) {
	*p = in("nonsense") ? 4294967295u : 250500;
	return (unsigned long)d == 2 ? 3 : 0;
}
