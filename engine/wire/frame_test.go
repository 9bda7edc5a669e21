package wire_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"alcove/engine/wire"
)

// writes counts the Write calls of one frame.
type writes struct {
	bytes.Buffer
	calls int
}

func (w *writes) Write(p []byte) (int, error) {
	w.calls++
	return w.Buffer.Write(p)
}

func submit() wire.ToWorker {
	return wire.ToWorker{Submit: &wire.Submit{
		ID: 1<<63 + 1,
		Messages: []wire.Message{{Role: "user", Segments: []wire.Segment{
			{Text: "2 < 3 && \"quotes\" \u2028 \x00 日本 👩‍🚀", Share: "ab"},
		}}},
		Sampling: wire.Sampling{Temperature: 0.7, Seed: 1<<64 - 1, Stop: []string{"</s>"}, MaxTokens: 9},
		Class:    "interactive",
		User:     "owner",
		Resume:   []int32{1, -1, 2147483647}, SentBytes: 7,
	}}
}

func TestFrame_RoundTrip(t *testing.T) {
	cases := map[string]struct {
		head wire.ToWorker
		raw  []byte
	}{
		"head only": {submit(), nil},
		"with raw":  {wire.ToWorker{Cancel: &wire.Cancel{ID: 3}}, []byte{0, 1, 2, 255}},
		"empty":     {wire.ToWorker{}, nil},
		"largest":   {wire.ToWorker{}, bytes.Repeat([]byte{7}, wire.MaxFrame-2)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var w writes
			if err := wire.Write(&w, c.head, c.raw); err != nil {
				t.Fatal(err)
			}
			if w.calls != 1 {
				t.Errorf("%d Write calls, want 1", w.calls)
			}
			var got wire.ToWorker
			raw, err := wire.Read(&w, &got)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.head, got); d != "" {
				t.Error(d)
			}
			if !bytes.Equal(raw, c.raw) {
				t.Errorf("raw: %d bytes, want %d", len(raw), len(c.raw))
			}
			if _, err := wire.Read(&w, &got); err != io.EOF {
				t.Errorf("after the last frame: %v, want io.EOF", err)
			}
		})
	}
}

// The bytes on the socket are fixed: an app and a worker of one version agree.
func TestFrame_Golden(t *testing.T) {
	var b bytes.Buffer
	head := wire.FromWorker{Step: &wire.Step{N: 5, Tokens: []wire.Tokens{{ID: 2, IDs: []int32{11}, Text: "<é>"}}}}
	if err := wire.Write(&b, head, []byte{0xff}); err != nil {
		t.Fatal(err)
	}
	want := "3e000000" + "3d000000" +
		hex.EncodeToString([]byte(`{"step":{"n":5,"tokens":[{"id":2,"ids":[11],"text":"<é>"}]}}`)) + "ff"
	if got := hex.EncodeToString(b.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWrite_TooLarge(t *testing.T) {
	var w writes
	if err := wire.Write(&w, wire.ToWorker{}, make([]byte, wire.MaxFrame-1)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("raw: %v, want ErrTooLarge", err)
	}
	big := wire.FromWorker{LoadFailed: &wire.LoadFailed{Message: strings.Repeat("x", wire.MaxFrame)}}
	if err := wire.Write(&w, big, nil); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("head: %v, want ErrTooLarge", err)
	}
	if w.calls != 0 {
		t.Errorf("%d Write calls, want none", w.calls)
	}
}

func frame(bodyLen, headLen uint32, body string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, bodyLen)
	b = binary.LittleEndian.AppendUint32(b, headLen)
	return append(b, body...)
}

func headFrame(head string) []byte {
	return frame(uint32(len(head)), uint32(len(head)), head)
}

func TestRead_Hostile(t *testing.T) {
	cases := map[string]struct {
		data []byte
		want error
	}{
		"nothing":          {nil, io.EOF},
		"half a prefix":    {[]byte{1, 0, 0}, io.ErrUnexpectedEOF},
		"no body":          {frame(2, 2, ""), io.ErrUnexpectedEOF},
		"half a body":      {frame(20, 2, "{}"), io.ErrUnexpectedEOF},
		"body of 4 GiB":    {frame(1<<32-1, 2, "{}"), wire.ErrTooLarge},
		"one over":         {frame(wire.MaxFrame+1, 2, "{}"), wire.ErrTooLarge},
		"empty frame":      {frame(0, 0, ""), wire.ErrHeadLength},
		"empty head":       {frame(2, 0, "{}"), wire.ErrHeadLength},
		"head over body":   {frame(2, 3, "{}x"), wire.ErrHeadLength},
		"head of 4 GiB":    {frame(2, 1<<32-1, "{}"), wire.ErrHeadLength},
		"not JSON":         {headFrame("{]"), wire.ErrBadHead},
		"null":             {headFrame("null"), wire.ErrBadHead},
		"array":            {headFrame("[]"), wire.ErrBadHead},
		"spaces":           {headFrame("   "), wire.ErrBadHead},
		"unknown field":    {headFrame(`{"shell":{}}`), wire.ErrBadHead},
		"unknown deeper":   {headFrame(`{"cancel":{"id":1,"x":2}}`), wire.ErrBadHead},
		"wrong type":       {headFrame(`{"cancel":{"id":"1"}}`), wire.ErrBadHead},
		"number too large": {headFrame(`{"cancel":{"id":18446744073709551616}}`), wire.ErrBadHead},
		"two objects":      {headFrame(`{}{}`), wire.ErrBadHead},
		"trailing bytes":   {headFrame("{}\x00"), wire.ErrBadHead},
		"deep nesting":     {headFrame(`{"load":` + strings.Repeat(`{"x":`, 20000)), wire.ErrBadHead},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var m wire.ToWorker
			if _, err := wire.Read(bytes.NewReader(c.data), &m); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestRead_OneByteAtATime(t *testing.T) {
	var b bytes.Buffer
	for range 3 {
		if err := wire.Write(&b, submit(), []byte("raw")); err != nil {
			t.Fatal(err)
		}
	}
	r := iotest.OneByteReader(&b)
	for range 3 {
		var m wire.ToWorker
		raw, err := wire.Read(r, &m)
		if err != nil || string(raw) != "raw" || m.Submit == nil {
			t.Fatalf("raw %q, submit %v, error %v", raw, m.Submit, err)
		}
	}
}

// Whatever comes in: no panic, and what is accepted survives a round trip.
func FuzzRead(f *testing.F) {
	f.Add(headFrame("{}"))
	f.Add(headFrame(`{"step":{"n":1,"ends":[{"id":1,"finish":"stop"}]}}`))
	f.Add(headFrame(`{"hello":{"version":1,"pid":2,"seal":{}}}`))
	f.Add(frame(5, 2, "{}raw"))
	f.Add(frame(1<<32-1, 1<<32-1, "{}"))
	f.Add(headFrame(`{"beat":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m wire.FromWorker
		raw, err := wire.Read(bytes.NewReader(data), &m)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := wire.Write(&b, m, raw); err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		var again wire.FromWorker
		raw2, err := wire.Read(&b, &again)
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if d := cmp.Diff(m, again); d != "" || !bytes.Equal(raw, raw2) {
			t.Fatalf("changed on the way: %s", d)
		}
	})
}
