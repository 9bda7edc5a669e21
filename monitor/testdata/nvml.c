// A libnvidia-ml.so.1 for tests. The file "mode" beside it says how it
// behaves, and may change while a program runs: good, nonsense, lost, hang,
// crash, old (another driver is loaded), none (no driver is loaded), throttled,
// xid (a fault event), ecc (memory errors). The file "pid" names a process on
// the first device. With BARE it has what the oldest drivers have, with EMPTY
// nothing that it should have.
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

// pid is the number in the file "pid", 0 without one.
static unsigned pid(void) {
	char path[PATH_MAX];
	Dl_info self;
	unsigned n = 0;
	FILE *f;
	if (!dladdr((void *)in, &self)) return 0;
	strncpy(path, self.dli_fname, sizeof path - 8);
	strcpy(strrchr(path, '/'), "/pid");
	if (!(f = fopen(path, "r"))) return 0;
	if (fscanf(f, "%u", &n) != 1) n = 0;
	fclose(f);
	return n;
}

static int answer(void) {
	if (in("crash")) *(volatile int *)0 = 1;
	if (in("hang")) sleep(60);
	return in("lost") ? 15 : 0;
}

#ifndef EMPTY
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

#ifndef BARE
enum { unsupported = 3, too_small = 7, timeout = 10, all_ones = 0xffffffffu };

static int first(void *d) { return (unsigned long)d == 1 ? 0 : unsupported; }
static int say(unsigned *out, unsigned value) {
	*out = in("nonsense") ? all_ones : value;
	return 0;
}

struct pci { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; };
int nvmlDeviceGetPciInfo_v3(void *d, struct pci *p) {
	memset(p, 0, sizeof *p);
	p->bus = (unsigned long)d;
	return 0;
}
int nvmlDeviceGetTemperatureThreshold(void *d, int which, unsigned *t) { (void)d; return which == 1 ? say(t, 90) : unsupported; }
int nvmlDeviceGetEnforcedPowerLimit(void *d, unsigned *mw) { return first(d) ? unsupported : say(mw, 350000); }
int nvmlDeviceGetClockInfo(void *d, int which, unsigned *mhz) { (void)d; return say(mhz, which == 2 ? 2619 : 1980); }
int nvmlDeviceGetMaxClockInfo(void *d, int which, unsigned *mhz) { (void)d, (void)which; return say(mhz, 1980); }
int nvmlDeviceGetFanSpeed(void *d, unsigned *percent) { return first(d) ? unsupported : say(percent, 30); }
int nvmlDeviceGetPerformanceState(void *d, unsigned *p) { (void)d; return say(p, 0); }
int nvmlDeviceGetCurrPcieLinkGeneration(void *d, unsigned *n) { (void)d; return say(n, 5); }
int nvmlDeviceGetCurrPcieLinkWidth(void *d, unsigned *n) { (void)d; return say(n, 16); }
int nvmlDeviceGetPcieThroughput(void *d, int which, unsigned *kb) { return first(d) ? unsupported : say(kb, which ? 2000 : 1000); }
int nvmlDeviceGetTotalEccErrors(void *d, int kind, int counter, unsigned long long *n) {
	(void)counter;
	*n = in("nonsense") ? ~0ull : !in("ecc") ? 0 : kind ? 2 : 17;
	return first(d);
}
// 1 is idleness; 0xcc is power, heat and the power supply.
int nvmlDeviceGetCurrentClocksThrottleReasons(void *d, unsigned long long *bits) {
	(void)d;
	*bits = in("nonsense") ? ~0ull : in("throttled") ? 0xcc : 1;
	return 0;
}

struct process { unsigned pid; unsigned long long memory; unsigned instance, compute; };
int nvmlDeviceGetComputeRunningProcesses_v3(void *d, unsigned *n, struct process *out) {
	unsigned has = first(d) || !pid() ? 0 : 2, room = *n;
	*n = in("nonsense") ? 100000 : has;
	if (room < has) return too_small;
	if (has) {
		out[0] = (struct process){.pid = 4242, .memory = ~0ull};
		out[1] = (struct process){.pid = pid(), .memory = 5000000000ull};
	}
	return 0;
}

struct event { void *device; unsigned long long type, data; unsigned instance, compute; };
static int told;
int nvmlDeviceGetSupportedEventTypes(void *d, unsigned long long *types) { *types = first(d) ? 0 : 9; return 0; }
int nvmlEventSetCreate(void **set) { *set = &told; return 0; }
int nvmlEventSetFree(void *set) { (void)set; return 0; }
int nvmlDeviceRegisterEvents(void *d, unsigned long long types, void *set) { (void)set; return first(d) || types != 8; }
int nvmlEventSetWait_v2(void *set, struct event *e, unsigned ms) {
	(void)set, (void)ms;
	if (in("nonsense")) {
		*e = (struct event){.device = (void *)99, .type = ~0ull, .data = ~0ull};
		return 0;
	}
	if (!in("xid")) told = 0;
	if (!in("xid") || told++) return timeout;
	*e = (struct event){.device = (void *)1, .type = 8, .data = 79};
	return 0;
}
#endif
#endif
