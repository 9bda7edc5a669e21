package formats

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"alcove/engine/seal"
)

// probed is what happened at each try of what a sealed child must not do; ""
// says that it worked.
type probed struct {
	Seal                                      seal.Report
	Read, List, Write, Connect, Exec, OwnFile string
}

// probe proves the seal from inside. rest is an address to connect to.
func probe(out io.Writer, report seal.Report, file string, rest []string) error {
	p := probed{Seal: report}
	say := func(to *string, err error) {
		if err != nil {
			*to = err.Error()
		}
	}
	_, err := os.ReadFile(file)
	say(&p.Read, err)
	_, err = os.ReadDir(filepath.Dir(file))
	say(&p.List, err)
	say(&p.Write, os.WriteFile(filepath.Join(filepath.Dir(file), "written"), []byte("x"), 0o600))
	c, err := net.DialTimeout("tcp", append(rest, "127.0.0.1:1")[0], 2*time.Second)
	say(&p.Connect, err)
	if err == nil {
		c.Close()
	}
	self, err := os.Executable()
	say(&p.Exec, err)
	if err == nil { // a file that the seal lets it read and execute
		say(&p.Exec, exec.Command(self, "version").Run())
	}
	_, err = os.NewFile(fileDescriptor, "document").ReadAt(make([]byte, 1), 0)
	say(&p.OwnFile, err)
	return json.NewEncoder(out).Encode(p)
}
