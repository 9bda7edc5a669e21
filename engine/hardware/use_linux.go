package hardware

import (
	"path"
	"strconv"
)

// anonymous leaves mapped files out: they are page cache.
func anonymous(pid int) int64 {
	if pid <= 0 {
		return 0
	}
	return max(0, kib(file("/proc/"+strconv.Itoa(pid)+"/status"), "RssAnon"))
}

func readUse(workers []int) (Use, bool) {
	// The workers first: one that ends in between is counted twice as free, not
	// as taken by somebody else.
	var given int64
	for _, pid := range workers {
		given += anonymous(pid)
	}
	total, used, ok := parseMemUse(file("/proc/meminfo"))
	if !ok {
		return Use{}, false
	}
	u := Use{Memory: Memory{Total: total}, Used: max(0, used-given)}
	if g := tightest(groups()); g.limit > 0 {
		u.Memory.Limit, u.GroupUsed = g.limit, max(0, g.used()-given)
	}
	return u, true
}

// groups lists the control groups around this process that have a limit.
func groups() []group {
	var list []group
	add := func(dir, limit, current string) {
		if n := parseLimit(file(dir + limit)); n > 0 {
			list = append(list, group{n, parseLimit(file(dir + current)), parseFilePages(file(dir + "/memory.stat"))})
		}
	}
	for p := path.Clean("/" + parseGroup(file("/proc/self/cgroup"))); ; p = path.Dir(p) {
		add(path.Join("/sys/fs/cgroup", p), "/memory.max", "/memory.current")
		if p == "/" {
			break
		}
	}
	if len(list) == 0 { // the first version, as a container sees it
		add("/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes")
	}
	return list
}
