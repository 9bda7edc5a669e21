package answer

import (
	"strings"
	"testing"
)

const (
	allowance = "The meal allowance abroad is 28 euros a day."
	trains    = "Trains are booked second class."
)

var repeated = []struct{ in, out string }{
	// A sentence may be said twice, with other marks and numbers too.
	{allowance + " So: " + allowance, "The meal allowance abroad is 28 euros a day [2]. So: The meal allowance abroad is 28 euros a day [2]."},
	{strings.Repeat(trains+" ", 5), "Trains are booked second class [2]. Trains are booked second class [2]. "},
	{"1. " + trains + "\n2. " + trains + "\n3. trains are booked, second class!\n4. More.", "1. Trains are booked second class [2].\n2. Trains are booked second class [2]."},
	// Two in turn.
	{strings.Repeat(allowance+" "+trains+" ", 9), strings.Repeat("The meal allowance abroad is 28 euros a day [2]. Trains are booked second class [2]. ", 2)},
	// A paragraph the second time; nothing of it is shown.
	{allowance + " " + trains + "\n\n" + allowance + " " + trains + "\n\nMore.", "The meal allowance abroad is 28 euros a day [2]. Trains are booked second class [2]."},
	// Cut off in the paragraph, and in the sentence.
	{allowance + " " + trains + "\n\n" + allowance + " Trains are boo", "The meal allowance abroad is 28 euros a day [2]. Trains are booked second class [2]."},
	{trains + " " + trains + " Trains are booked sec", "Trains are booked second class [2]. Trains are booked second class [2]. "},
	// It begins as one before and is another.
	{trains + " " + trains + " Trains are booked second class in winter.", "Trains are booked second class [2]. Trains are booked second class [2]. Trains are booked second class in winter [2]."},
	{allowance + " " + trains + "\n\n" + allowance + " Ask again.", "The meal allowance abroad is 28 euros a day [2]. Trains are booked second class [2].\n\nThe meal allowance abroad is 28 euros a day [2]. Ask again."},
	// Short ones say nothing.
	{"Yes. Yes. Yes. Yes.", "Yes. Yes. Yes. Yes."},
	{"- Yes\n- Yes\n- Yes\n", "- Yes\n- Yes\n- Yes\n"},
}

func TestAnAnswerThatRepeatsItselfEnds(t *testing.T) {
	for _, c := range repeated {
		want := through(handbook(), c.in, func(rest int) int { return rest })
		if want != c.out {
			t.Errorf("%q\n gave %q\n want %q", c.in, want, c.out)
		}
		if got := through(handbook(), c.in, func(int) int { return 1 }); got != want {
			t.Errorf("%q in pieces gave %q, whole %q", c.in, got, want)
		}
	}
}

func TestTheModelIsToldToEndWhileItRepeats(t *testing.T) {
	s := &Stream{evidence: handbook(), numbers: map[int]int{}}
	shown := s.Write(trains + " " + trains + " ")
	for range 3 {
		if s.Over() {
			t.Fatalf("over after twice, shown %q", shown)
		}
		shown += s.Write(trains[:20])
		if s.Write(trains[20:] + " "); strings.Count(shown, "Trains") > 2 {
			t.Fatalf("shown %q", shown)
		}
		if shown += s.Write("Then"); s.Over() {
			break
		}
	}
	if !s.Over() || s.Write("more") != "" || s.Close() != "" {
		t.Errorf("it goes on after %q", shown)
	}
}
