package window

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"alcove/app/config"
)

// How long a second start waits for the first one, which may still be starting.
const (
	handOverWait = 10 * time.Second
	handOverLook = 100 * time.Millisecond
)

const (
	lockName   = "window.lock"
	socketName = "window.sock"
	askShow    = "show\n"
	answerOK   = "ok\n"
)

// Claim is the right of one process to show the window of a data folder. The
// kernel takes it back when the process ends, however it ends.
type Claim struct {
	folder *os.File // keeps the short path to the socket valid
	lock   *os.File
	socket *net.UnixListener
	shows  chan struct{}
}

// Take claims the window of a data folder; run is its folder of files that
// live as long as a process. When another process has the window, that one is
// asked to bring it to the front, and Take gives nil and no error.
func Take(run string) (*Claim, error) {
	if err := config.MakeFolder(run); err != nil {
		return nil, err
	}
	folder, err := os.Open(run)
	if err != nil {
		return nil, fmt.Errorf("open the run folder: %w", err)
	}
	for until := time.Now().Add(handOverWait); ; time.Sleep(handOverLook) {
		c, err := try(folder, run)
		if c != nil || err != nil {
			return c, err
		}
		if handOver(folder) {
			return nil, folder.Close()
		}
		if time.Now().After(until) {
			folder.Close() //nolint:errcheck // read only
			return nil, errors.New("another Alcove has the window of this data folder and does not answer. End it, then start again")
		}
	}
}

// try takes the lock; nil and no error when another process has it.
func try(folder *os.File, run string) (*Claim, error) {
	lock, err := os.OpenFile(filepath.Join(run, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the window's lock: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close() //nolint:errcheck // nothing was written
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, fmt.Errorf("lock the window: %w", err)
	}
	c := &Claim{folder: folder, lock: lock, shows: make(chan struct{}, 1)}
	os.Remove(filepath.Join(run, socketName)) //nolint:errcheck // left by a killed process, or not there
	if c.socket, err = net.ListenUnix("unix", socketOf(folder)); err != nil {
		c.Close() //nolint:errcheck // the first error counts
		return nil, fmt.Errorf("listen for other starts: %w", err)
	}
	go c.answer()
	return c, nil
}

// socketOf reaches the socket through the open folder: a socket's path may
// have 107 bytes only, and data folders lie deep.
func socketOf(folder *os.File) *net.UnixAddr {
	return &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), socketName)}
}

func handOver(folder *os.File) bool {
	conn, err := net.DialUnix("unix", nil, socketOf(folder))
	if err != nil {
		return false
	}
	defer conn.Close()                                //nolint:errcheck // the answer counts
	conn.SetDeadline(time.Now().Add(2 * time.Second)) //nolint:errcheck // a socket has deadlines
	if _, err := conn.Write([]byte(askShow)); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && line == answerOK
}

func (c *Claim) answer() {
	for {
		conn, err := c.socket.AcceptUnix()
		if err != nil {
			return // closed
		}
		c.answerOne(conn)
	}
}

func (c *Claim) answerOne(conn *net.UnixConn) {
	defer conn.Close()                                //nolint:errcheck // nothing to keep
	conn.SetDeadline(time.Now().Add(2 * time.Second)) //nolint:errcheck // a socket has deadlines
	line, err := bufio.NewReaderSize(conn, 64).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, askShow) {
		return
	}
	select {
	case c.shows <- struct{}{}:
	default: // one is waiting already
	}
	conn.Write([]byte(answerOK)) //nolint:errcheck // the other side asks again
}

// Close gives the window back.
func (c *Claim) Close() error {
	var err error
	if c.socket != nil {
		err = c.socket.Close()
	}
	return errors.Join(err, c.lock.Close(), c.folder.Close())
}
