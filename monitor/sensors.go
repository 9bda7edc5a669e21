package monitor

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"
)

// sensorArgs is what the child is started with.
type sensorArgs struct {
	disk     string        // folder whose file system is read
	every    time.Duration // between readings of a source
	gpuAfter time.Duration // until the driver is asked first; negative: never
	gpuAgain time.Duration // until a driver that failed, or was not there, is opened anew
	root     string        // where the kernel's files are: "/" but in tests
}

func (a sensorArgs) list() []string {
	return []string{"-disk=" + a.disk, "-every=" + a.every.String(), "-gpu-after=" + a.gpuAfter.String(), "-gpu-again=" + a.gpuAgain.String(), "-root=" + a.root}
}

func parseSensorArgs(args []string) (sensorArgs, error) {
	var a sensorArgs
	set := flag.NewFlagSet("sensors", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&a.disk, "disk", "", "")
	set.DurationVar(&a.every, "every", time.Second, "")
	set.DurationVar(&a.gpuAfter, "gpu-after", 0, "")
	set.DurationVar(&a.gpuAgain, "gpu-again", time.Minute, "")
	set.StringVar(&a.root, "root", "/", "")
	if err := set.Parse(args); err != nil {
		return a, fmt.Errorf("read the arguments of the sensors: %w", err)
	}
	if a.every <= 0 || set.NArg() > 0 {
		return a, fmt.Errorf("read the arguments of the sensors: %s", strconv.Quote(fmt.Sprint(args)))
	}
	return a, nil
}

// Serve is the sensors: it writes readings to out, one JSON object a line,
// until in ends. The caller must end the process then: a driver that hangs
// keeps its goroutine.
func Serve(args []string, in io.Reader, out io.Writer) error {
	a, err := parseSensorArgs(args)
	if err != nil {
		return err
	}
	over := make(chan struct{})
	go func() {
		io.Copy(io.Discard, in) //nolint:errcheck // any end is the end
		close(over)
	}()
	readings := make(chan reading)
	go readMachine(a, readings)
	go readCards(a, readings)
	go readBoard(a, readings)
	go readSpace(a, readings)
	if a.gpuAfter >= 0 {
		go readGPUs(a, readings)
	}
	lines := json.NewEncoder(out)
	for {
		select {
		case r := <-readings:
			// What cannot be is not even said: JSON has no word for some of it,
			// and a line has a longest length.
			if err := lines.Encode(r.plausible()); err != nil {
				return fmt.Errorf("write a reading: %w", err)
			}
		case <-over:
			return nil
		}
	}
}

func readMachine(a sensorArgs, to chan<- reading) {
	m := newMachineMeter(a)
	m.read(time.Now())
	time.Sleep(a.every / 10) // or the first second has no rates
	for {
		to <- reading{Machine: m.read(time.Now())}
		time.Sleep(a.every)
	}
}

// readCards reads what the kernel's files say of GPUs without NVIDIA's driver.
func readCards(a sensorArgs, to chan<- reading) {
	m := newCardMeter(a)
	for {
		to <- reading{Cards: m.read(time.Now())}
		time.Sleep(a.every)
	}
}

// readBoard reads temperatures and batteries.
func readBoard(a sensorArgs, to chan<- reading) {
	m := newBoardMeter(a)
	for {
		to <- reading{Board: m.read(time.Now())}
		time.Sleep(a.every)
	}
}

// readSpace reads the disk of the data folder.
func readSpace(a sensorArgs, to chan<- reading) {
	m := newDiskMeter(a)
	m.read(time.Now())
	time.Sleep(a.every / 10) // or the first second has no rates
	for {
		to <- reading{Space: m.read(time.Now())}
		time.Sleep(a.every)
	}
}

// readGPUs asks the driver each time while it is open. One that is broken or
// not there is opened anew from time to time: it may be late at the machine's
// start, or be repaired.
func readGPUs(a sensorArgs, to chan<- reading) {
	time.Sleep(a.gpuAfter)
	var gpus gpuMeter
	var said driver
	broken, tried := true, time.Time{}
	for {
		again := broken && time.Since(tried) >= a.gpuAgain
		if again {
			gpus.close()
			tried = time.Now()
		}
		if again || gpus.open() {
			said, broken = gpus.read()
		}
		now := said // what was sent is read while we ask again
		to <- reading{Driver: &now}
		time.Sleep(a.every)
	}
}
