package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/adrg/xdg"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// DefaultListen is the address that browsers find Alcove at.
const DefaultListen = "127.0.0.1:8484"

// Config is everything that is fixed at the start. Paths are absolute.
type Config struct {
	Listen      string `koanf:"listen" toml:"listen"`
	Data        string `koanf:"data" toml:"data"`
	Models      string `koanf:"models" toml:"models"` // one folder, or several separated as in PATH
	Runtime     string `koanf:"runtime" toml:"runtime"`
	Worker      string `koanf:"worker" toml:"worker"`
	Threads     int    `koanf:"threads" toml:"threads"`           // 0: chosen by the engine
	Context     int    `koanf:"context" toml:"context"`           // tokens of one conversation; 0: chosen by the engine
	Slots       int    `koanf:"slots" toml:"slots"`               // answers at once; 0: chosen by the engine
	StepMS      int    `koanf:"step_ms" toml:"step_ms"`           // gap between words while others' prompts are read; 0: 250 on a CPU, 50 on a GPU
	KV          string `koanf:"kv" toml:"kv"`                     // type of the cache: "f16" or "q8_0"; "": f16, q8_0 where only that fits
	Device      string `koanf:"device" toml:"device"`             // "cpu", or one GPU backend: "cuda", "vulkan"; "": the best there is
	MaxLoaded   int    `koanf:"max_loaded" toml:"max_loaded"`     // models in memory at once; 0: as many as fit
	UnloadAfter int    `koanf:"unload_after" toml:"unload_after"` // minutes without use after which a model is unloaded; 0: never
	Embedder    string `koanf:"embedder" toml:"embedder"`         // model that finds passages; "": the one that comes with Alcove, else the first by name
	LogLevel    string `koanf:"log_level" toml:"log_level"`
	OTLP        string `koanf:"otlp" toml:"otlp"`                 // URL of a collector of traces; "": nothing is sent
	OTLPHeaders string `koanf:"otlp_headers" toml:"otlp_headers"` // secret: "Name=value, Name=value", sent to it

	// ModelDirs are the folders in Models, at least one. The first is where new models go.
	ModelDirs []string `koanf:"-" toml:"-"`
	// File is the config.toml that was looked for, and FileRead says whether it was there.
	File     string `koanf:"-" toml:"-"`
	FileRead bool   `koanf:"-" toml:"-"`
}

// Database is the path of the SQLite file.
func (c Config) Database() string { return filepath.Join(c.Data, "alcove.db") }

// Run is the folder of what lives as long as the process.
func (c Config) Run() string { return filepath.Join(c.Data, "run") }

// States is the folder in which the engine's worker keeps computed prompts.
func (c Config) States() string { return filepath.Join(c.Data, "states") }

// Documents is the folder of the files that were sent into collections.
func (c Config) Documents() string { return filepath.Join(c.Data, "documents") }

// Compiled is the folder of what is compiled for this machine and can be
// compiled again: the reader of PDF.
func (c Config) Compiled() string { return filepath.Join(c.Data, "compiled") }

// AddFlags declares every key as a flag, but for otlp_headers: everybody on the
// machine can read the command lines of others. Their defaults are shown in the help
// and applied by Load, not by the flag set.
func AddFlags(flags *pflag.FlagSet) {
	flags.String("data", "", "folder of the database and everything personal (default $XDG_DATA_HOME/alcove)")
	flags.String("models", "", "folder of the .gguf models, or several with a colon between them (default: models in the data folder, else the bundled ones)")
	flags.String("runtime", "", "folder of the llama.cpp libraries (default: beside the program)")
	flags.String("worker", "", "path of alcove-worker (default: beside the program)")
	flags.Int("threads", 0, "CPU threads of the engine (default: chosen for this machine)")
	flags.Int("context", 0, "tokens that one conversation may have (default: chosen for this machine)")
	flags.Int("slots", 0, "answers written at once (default: chosen for this machine)")
	flags.Int("step-ms", 0, "longest gap between two words of an answer while other prompts are read, in milliseconds (default 250 on a CPU, 50 on a GPU)")
	flags.String("kv", "", "type of the cache: f16 or q8_0, which needs half the memory (default f16, q8_0 where only that fits)")
	flags.String("device", "", "what computes: cpu, cuda or vulkan (default: the best there is)")
	flags.Int("max-loaded", 0, "models in memory at once (default: as many as fit)")
	flags.Int("unload-after", 0, "minutes without use after which a model is unloaded (default: never)")
	flags.String("embedder", "", "model that finds passages in documents (default: multilingual-e5-small, else all-MiniLM-L6-v2, else the first by name)")
	flags.String("otlp", "", "send traces of answers, without their text, to the OpenTelemetry collector at this URL (default: nothing is sent)")
	flags.String("log-level", "", "debug, info, warn or error (default info)")
}

// AddListenFlag declares the address, for the commands that listen.
func AddListenFlag(flags *pflag.FlagSet) {
	flags.String("listen", "", "address to listen on, on this machine only (default "+DefaultListen+")")
}

// Load joins flags, environment, config.toml and defaults. environ is
// os.Environ's form. Errors are sentences for the user.
func Load(flags *pflag.FlagSet, environ []string) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Config{Listen: DefaultListen, LogLevel: "info"}, "koanf"), nil); err != nil {
		return Config{}, fmt.Errorf("load defaults: %w", err)
	}
	above := koanf.New(".")
	if err := above.Load(env.Provider(".", env.Opt{
		Prefix: "ALCOVE_", EnvironFunc: func() []string { return environ }, TransformFunc: envKey,
	}), nil); err != nil {
		return Config{}, fmt.Errorf("read ALCOVE_* variables: %w", err)
	}
	if err := checkEnv(above); err != nil {
		return Config{}, err
	}
	if flags != nil {
		provider := posflag.ProviderWithFlag(flags, ".", above, func(f *pflag.Flag) (string, any) {
			if !f.Changed {
				return "", nil
			}
			return keyOfFlag(f.Name), posflag.FlagVal(flags, f)
		})
		if err := above.Load(provider, nil); err != nil {
			return Config{}, fmt.Errorf("read flags: %w", err)
		}
	}
	c := Config{File: configFile(above.String("data"))}
	switch err := k.Load(file.Provider(c.File), strictTOML{path: c.File}); {
	case err == nil:
		c.FileRead = true
	case !errors.Is(err, os.ErrNotExist):
		return Config{}, err
	}
	if err := k.Merge(above); err != nil {
		return Config{}, fmt.Errorf("join settings: %w", err)
	}
	read := c
	if err := k.Unmarshal("", &read); err != nil {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	read.File, read.FileRead = c.File, c.FileRead
	return finish(read)
}

// configFile is config.toml in the data folder when that was named, else in
// the place where a person's settings live.
func configFile(data string) string {
	if data != "" {
		return filepath.Join(data, "config.toml")
	}
	return filepath.Join(xdg.ConfigHome, "alcove", "config.toml")
}

// known lists the keys, and whether their values are whole numbers.
var known = map[string]bool{
	"listen": false, "data": false, "models": false, "runtime": false, "worker": false,
	"threads": true, "context": true, "slots": true, "step_ms": true, "log_level": false,
	"kv": false, "device": false, "max_loaded": true, "unload_after": true, "embedder": false,
	"otlp": false, "otlp_headers": false,
}

// keyOfFlag turns "log-level" into "log_level", and flags that are no key into "".
func keyOfFlag(name string) string {
	key := strings.ReplaceAll(name, "-", "_")
	if _, ok := known[key]; !ok {
		return ""
	}
	return key
}

// envKey turns ALCOVE_LOG_LEVEL into log_level. Other variables with the
// prefix (ALCOVE_SOAK) belong to somebody else and are skipped.
func envKey(name, value string) (string, any) {
	key := strings.ToLower(strings.TrimPrefix(name, "ALCOVE_"))
	if _, ok := known[key]; !ok || value == "" {
		return "", nil
	}
	return key, value
}

func checkEnv(k *koanf.Koanf) error {
	for key, number := range known {
		if !number || !k.Exists(key) {
			continue
		}
		if _, err := strconv.Atoi(k.String(key)); err != nil {
			return fmt.Errorf("ALCOVE_%s must be a whole number, and it is %q", strings.ToUpper(key), k.String(key))
		}
	}
	return nil
}

// finish fills in what depends on the machine and checks ranges.
func finish(c Config) (Config, error) {
	if c.Data == "" {
		c.Data = filepath.Join(xdg.DataHome, "alcove")
	}
	for _, n := range []struct {
		key   string
		value int
	}{{"threads", c.Threads}, {"context", c.Context}, {"slots", c.Slots}, {"step_ms", c.StepMS}, {"max_loaded", c.MaxLoaded}, {"unload_after", c.UnloadAfter}} {
		if n.value < 0 {
			return Config{}, fmt.Errorf("%s must not be negative, and it is %d", n.key, n.value)
		}
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		return Config{}, fmt.Errorf("log_level must be debug, info, warn or error, and it is %q", c.LogLevel)
	}
	if !slices.Contains([]string{"", "f16", "q8_0"}, c.KV) {
		return Config{}, fmt.Errorf("kv must be f16 or q8_0, and it is %q", c.KV)
	}
	if !slices.Contains([]string{"", "cpu", "cuda", "hip", "metal", "vulkan"}, c.Device) {
		return Config{}, fmt.Errorf("device must be cpu, cuda or vulkan, and it is %q", c.Device)
	}
	const mostMinutes = 1 << 20 // so that a duration can hold them
	if c.UnloadAfter > mostMinutes {
		return Config{}, fmt.Errorf("unload_after must be at most %d minutes, and it is %d", mostMinutes, c.UnloadAfter)
	}
	if err := checkOTLP(c); err != nil {
		return Config{}, err
	}
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return Config{}, fmt.Errorf("find the data folder: %w", err)
	}
	beside := programFolder()
	if c.ModelDirs = splitFolders(c.Models); len(c.ModelDirs) == 0 {
		c.ModelDirs = []string{chooseModels(filepath.Join(c.Data, "models"), filepath.Join(beside, "..", "models"))}
	}
	if c.Runtime == "" {
		// As `make build` leaves them, else as a bundle has them.
		c.Runtime = firstFolder(filepath.Join(beside, "..", "runtime", "lib"), filepath.Join(beside, "..", "lib", "runtime"))
	}
	if c.Worker == "" {
		c.Worker = filepath.Join(beside, "alcove-worker")
	}
	for _, path := range []*string{&c.Runtime, &c.Worker, &c.File} {
		if *path, err = filepath.Abs(*path); err != nil {
			return Config{}, fmt.Errorf("find %s: %w", *path, err)
		}
	}
	for i, dir := range c.ModelDirs {
		if c.ModelDirs[i], err = filepath.Abs(dir); err != nil {
			return Config{}, fmt.Errorf("find %s: %w", dir, err)
		}
	}
	c.Models = strings.Join(c.ModelDirs, string(filepath.ListSeparator))
	return c, nil
}

// splitFolders takes a list of folders apart. A folder whose name has the
// separator in it can still be named, alone.
func splitFolders(list string) (dirs []string) {
	if info, err := os.Stat(list); err == nil && info.IsDir() {
		return []string{list}
	}
	for _, dir := range filepath.SplitList(list) {
		if dir != "" && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// programFolder is where this program lies, links followed: what belongs to
// it lies beside it.
func programFolder() string {
	path, err := os.Executable()
	if err != nil {
		return "."
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return filepath.Dir(path)
}

// chooseModels prefers the person's folder as soon as a model is in it.
func chooseModels(own, bundled string) string {
	if models, _ := filepath.Glob(filepath.Join(own, "*.gguf")); len(models) > 0 {
		return own
	}
	if models, _ := filepath.Glob(filepath.Join(bundled, "*.gguf")); len(models) > 0 {
		return bundled
	}
	return own
}

// firstFolder is the first of the paths that exists, or the first one.
func firstFolder(paths ...string) string {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
	}
	return paths[0]
}
