package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"alcove/engine/wire"
	"alcove/engine/worker/llama"
	"alcove/engine/worker/loop"
	"alcove/engine/worker/snapshot"
)

// Bounds on what is kept outside the cache, in bytes, if the app names none.
const (
	stateDisk   = 2 << 30
	stateMemory = 512 << 20
)

// keep gives the loop places for what should outlive the cache: states in
// memory and on disk, and step times. Without a folder, or with one that cannot
// be used, it does without.
func keep(l *loop.Loop, m *wire.Load, info llama.Info) (saved []byte, save func([]byte)) {
	limits := snapshot.Limits{Memory: m.StateMemory, Disk: m.StateDisk}
	if limits.Memory == 0 {
		limits.Memory = min(stateMemory, info.CacheBytes)
	}
	if limits.Disk == 0 {
		limits.Disk = stateDisk
	}
	key, err := stateKey(append(partsOf(m.ModelPath), m.LoRA...), info)
	dir := m.StateDir
	if err != nil {
		logf("no snapshots: %v", err)
		dir = ""
	}
	keeps := limits.Memory > 0 && info.Rewinds
	if limits.Memory = max(limits.Memory, 0); keeps || dir != "" {
		store, err := snapshot.Open(dir, key, limits)
		if err != nil {
			logf("no snapshots on disk: %v", err)
		}
		if keeps {
			l.Keep(store)
		} else {
			l.KeepNothing(store)
		}
	}
	if dir == "" {
		return nil, nil
	}
	// Threads are part of it: the times of others are of no use.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s, %d threads", key, m.Threads))
	path := filepath.Join(dir, "steptime-"+hex.EncodeToString(sum[:8])+".json")
	saved, err = os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		logf("step times: %v", errors.Unwrap(err))
	}
	return saved, func(data []byte) { go writeTimes(path, data) }
}

// writeTimes is atomic, but it may be lost in a power cut: they are measured
// again then.
func writeTimes(path string, data []byte) {
	if err := os.WriteFile(path+".part", data, 0o600); err != nil {
		logf("step times: %v", errors.Unwrap(err))
		return
	}
	if err := os.Rename(path+".part", path); err != nil {
		logf("step times: not kept")
	}
}

// partName is how llama.cpp names the parts of a split model.
var partName = regexp.MustCompile(`^(.+-)00001(-of-(\d{5})\.gguf)$`)

// partsOf are the files of a model, given the one that is loaded.
func partsOf(path string) []string {
	m := partName.FindStringSubmatch(path)
	if m == nil {
		return []string{path}
	}
	count, _ := strconv.Atoi(m[3])
	var list []string
	for no := range count {
		list = append(list, fmt.Sprintf("%s%05d%s", m[1], no+1, m[2]))
	}
	return list
}

// stateKey names all that the bytes of a state depend on: the files of the
// model and of its adapters, and how they are computed.
func stateKey(paths []string, info llama.Info) (string, error) {
	sum := sha256.New()
	for _, path := range paths {
		if err := sampleFile(sum, path); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x %s %s llama.cpp %s", sum.Sum(nil), info.Device, info.CacheKind, llama.Version), nil
}

// sampleFile adds a file. One of many gigabytes is known by its size, its time
// and samples of what it holds.
func sampleFile(sum io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(sum, st.Size(), st.ModTime().UnixNano()); err != nil {
		return err
	}
	const samples, each = 64, 64 << 10
	buf := make([]byte, each)
	for i := range int64(samples) {
		n, err := f.ReadAt(buf, max(0, st.Size()-each)/(samples-1)*i)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := sum.Write(buf[:n]); err != nil {
			return err
		}
	}
	return nil
}
