package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func load(t *testing.T, args, environ []string) (Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("alcove", pflag.ContinueOnError)
	AddFlags(flags)
	AddListenFlag(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(flags, environ)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadOrder(t *testing.T) {
	data := t.TempDir()
	write(t, filepath.Join(data, "config.toml"), "threads = 3\nslots = 5\ncontext = 1024\nlog_level = \"warn\"\n")
	c, err := load(t, []string{"--data", data, "--threads", "1"}, []string{"ALCOVE_THREADS=2", "ALCOVE_SLOTS=4", "ALCOVE_STEP_MS=120", "ALCOVE_SOAK=1"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Threads != 1 || c.Slots != 4 || c.StepMS != 120 || c.Context != 1024 || c.Listen != DefaultListen || c.LogLevel != "warn" {
		t.Errorf("flag > env > file > default is broken: %+v", c)
	}
	if c.Data != data || !c.FileRead || c.Database() != filepath.Join(data, "alcove.db") {
		t.Errorf("paths: %+v", c)
	}
}

func TestLoadFindsFileByEnvironment(t *testing.T) {
	data := t.TempDir()
	write(t, filepath.Join(data, "config.toml"), "threads = 3\n")
	c, err := load(t, nil, []string{"ALCOVE_DATA=" + data})
	if err != nil {
		t.Fatal(err)
	}
	if c.Threads != 3 {
		t.Errorf("config.toml of ALCOVE_DATA was not read: %+v", c)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, test := range []struct {
		name, file string
		args, env  []string
		want       string
	}{
		{name: "unknown key", file: "# mine\nthread = 3\n", want: `config.toml, line 2: there is no setting "thread"`},
		{name: "wrong type", file: "threads = \"many\"\n", want: "line 1"},
		{name: "not TOML", file: "threads = \n", want: "line 1"},
		{name: "number in environment", env: []string{"ALCOVE_THREADS=two"}, want: `ALCOVE_THREADS must be a whole number, and it is "two"`},
		{name: "negative", args: []string{"--context", "-1"}, want: "context must not be negative"},
		{name: "level", args: []string{"--log-level", "loud"}, want: "log_level must be"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := t.TempDir()
			if test.file != "" {
				write(t, filepath.Join(data, "config.toml"), test.file)
			}
			_, err := load(t, append([]string{"--data", data}, test.args...), test.env)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestChooseModels(t *testing.T) {
	own, bundled := t.TempDir(), t.TempDir()
	if got := chooseModels(own, bundled); got != own {
		t.Errorf("both empty: %s", got)
	}
	write(t, filepath.Join(bundled, "a.gguf"), "x")
	if got := chooseModels(own, bundled); got != bundled {
		t.Errorf("own empty: %s", got)
	}
	write(t, filepath.Join(own, "b.gguf"), "x")
	if got := chooseModels(own, bundled); got != own {
		t.Errorf("own has a model: %s", got)
	}
}

// Models are in one folder or in several; the first is where new ones go.
func TestSeveralModelFolders(t *testing.T) {
	dir := t.TempDir()
	odd := filepath.Join(dir, "a:b")
	if err := os.Mkdir(odd, 0o700); err != nil {
		t.Fatal(err)
	}
	for models, want := range map[string][]string{
		"/one":             {"/one"},
		"/one:/two::/one:": {"/one", "/two"},
		odd:                {odd},
	} {
		c, err := load(t, []string{"--models", models}, []string{"ALCOVE_DATA=" + dir})
		if err != nil || !slices.Equal(c.ModelDirs, want) || c.Models != strings.Join(want, ":") {
			t.Errorf("%q: %v, %q, %v", models, c.ModelDirs, c.Models, err)
		}
	}
}

func TestMakeFolder(t *testing.T) {
	base := t.TempDir()
	fresh := filepath.Join(base, "a", "b")
	if err := MakeFolder(fresh); err != nil {
		t.Fatal(err)
	}
	mustMode(t, fresh, 0o700)

	empty := filepath.Join(base, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(empty); err != nil {
		t.Fatal(err)
	}
	mustMode(t, empty, 0o700)

	full := filepath.Join(base, "full")
	if err := os.Mkdir(full, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(full, "somebody's"), "x")
	if err := os.Chmod(full, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(full); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("a folder that others can read: %v", err)
	}
	file := filepath.Join(full, "somebody's")
	if err := MakeFolder(filepath.Join(file, "x")); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("a file in the way: %v", err)
	}
}

func mustMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != want {
		t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
	}
}
