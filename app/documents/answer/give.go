package answer

import (
	"context"
	"fmt"
	"time"

	"alcove/app"
	"alcove/app/documents/index"
	"alcove/app/documents/recent"
	"alcove/engine"
	"alcove/storage"
)

const (
	mostFound = 8 // passages that are looked for
	mostGiven = 5 // and given to the model: a small one loses itself in more
	// leastContext is what a model is believed to take where nobody knows.
	leastContext = 2048
	// answerRoom is what is kept free for the answer, in tokens, at most a
	// quarter of the context.
	answerRoom = 512
	// templateRoom is for marks of chat templates and the end of the question.
	templateRoom = 160
	// countWait is how long the tokens may be counted: the sources are shown after it.
	countWait = 300 * time.Millisecond
	// marksRoom is for the marks around one passage.
	marksRoom = 40
)

// give chooses what the model reads: the whole collection where that is small,
// else the best passages that there is room for.
func (s *Service) give(ctx context.Context, p *Prepared, a Ask, c storage.Collection, q index.Query, found index.Found, standing standing) error {
	length := s.d.Context(a.Model)
	if length <= 0 {
		length = leastContext
	}
	best := found.Passages[:min(mostGiven, len(found.Passages))]
	var whole []index.Passage
	var err error
	switch c.Pinned {
	case storage.PinnedAlways:
		whole, err = s.pinned(ctx, a, c, length, standing)
	case storage.PinnedNever:
	default:
		whole, err = s.wholeOf(ctx, a, c, length, standing)
	}
	if err != nil {
		return err
	}
	given := whole
	if given == nil {
		best = s.fitting(ctx, a, best, length)
		given = canonical(best)
	}
	s.take(ctx, p, q, best)
	p.System = layout(given)
	p.numbers = map[int]int{}
	for i, g := range given {
		for j, b := range best {
			if g.ID == b.ID {
				p.numbers[i+1] = j + 1
			}
			if j == 0 && g.ID == b.ID {
				p.Remind = remind(spokenIn(a, c, found.Passages), i+1, p.Sources[0])
			}
		}
	}
	return nil
}

// remind ends a question. A small model that has read many passages forgets
// which one fits: the best sentence stands there once more, labelled as its
// document's, so that it is forgotten with it.
func remind(t tongue, n int, best storage.Source) []engine.Segment {
	return []engine.Segment{
		{Text: "\n\n" + fmt.Sprintf(t.best, n) + plain(best.Quote) + "\n\n", Share: ShareOf(best.DocumentID)},
		{Text: fmt.Sprintf(t.remind, n)},
	}
}

// fitting are the best passages that leave room for what was said, the question
// and the answer; at least one.
func (s *Service) fitting(ctx context.Context, a Ask, best []index.Passage, length int) []index.Passage {
	texts := []string{instruction, a.Question}
	for _, t := range a.History {
		texts = append(texts, t.Question, t.Answer)
	}
	before := len(texts)
	for _, p := range best {
		texts = append(texts, p.Heading+"\n"+p.Text)
	}
	lengths, _ := s.count(ctx, a.Model, texts)
	room := length - min(answerRoom, length/4) - templateRoom
	for _, n := range lengths[:before] {
		room -= n
	}
	fit := 0
	for _, n := range lengths[before:] {
		if room -= n + marksRoom; room < 0 && fit > 0 {
			break
		}
		fit++
	}
	return best[:fit]
}

// count gives the lengths of texts in tokens. Where the model is not there to
// count, three bytes are taken for a token: too many rather than too few.
func (s *Service) count(ctx context.Context, model string, texts []string) (lengths []int, exact bool) {
	if s.d.Count != nil && model != "" {
		ctx, cancel := context.WithTimeout(ctx, countWait)
		defer cancel()
		n, err := s.d.Count(ctx, model, texts)
		if err == nil && len(n) == len(texts) {
			return n, true
		}
		s.d.Log.Debug("tokens are guessed", "model", model, "err", err)
	}
	out := make([]int, len(texts))
	for i, t := range texts {
		out[i] = len(t)/3 + 1
	}
	return out, s.d.Count == nil
}

// pinned gives all of a collection that is always read whole, in canonical order.
// Where the model cannot take that the question is refused: part of it would be
// taken for all.
func (s *Service) pinned(ctx context.Context, a Ask, c storage.Collection, length int, standing standing) ([]index.Passage, error) {
	room := length - min(answerRoom, length/4) - templateRoom
	texts := []string{a.Question}
	for _, t := range a.History {
		texts = append(texts, t.Question, t.Answer)
	}
	lengths, counted := s.count(ctx, a.Model, texts)
	for _, n := range lengths {
		room -= n
	}
	most := max(room, 0)/leastPassage + 1
	all, err := s.d.Finder.Whole(ctx, a.Person, c.ID, a.AsOf, most)
	if err != nil {
		return nil, err
	}
	about, over := "about", 0
	if all == nil { // there are more than most
		about, over = "at least", (most+1)*leastPassage-room
	} else {
		all = canonical(standing.drop(all))
		// A guess refuses nobody: the model itself says so where it is too long.
		if n, exact := s.whole.length(ctx, s, a.Model, layout(all)); exact && counted {
			over = n - room
		}
	}
	if over > 0 {
		return nil, app.Errorf(engine.CodeContextFull, "These documents are always read whole, and are %s %d tokens too long for this model, which takes %d. Nothing was answered. "+
			"Choose a model with more context or a shorter conversation, or have the collection's owner let it be searched.", about, over, length)
	}
	return all, nil
}

// wholeOf gives all of a small collection in canonical order, nil for one that
// is better searched: then the documents are the same for everybody, computed
// once and kept on the disk, and a question costs itself alone.
func (s *Service) wholeOf(ctx context.Context, a Ask, c storage.Collection, length int, standing standing) ([]index.Passage, error) {
	room := length / wholeShare
	// A passage has at least so many tokens on average: more are not asked for.
	all, err := s.d.Finder.Whole(ctx, a.Person, c.ID, a.AsOf, room/leastPassage+1)
	if err != nil || len(all) == 0 || len(all) > room/leastPassage {
		return nil, err
	}
	all = canonical(standing.drop(all))
	if s.whole.fits(ctx, s, a.Model, layout(all), room) {
		return all, nil
	}
	return nil, nil
}

const (
	wholeShare   = 3  // of the context may be a whole collection
	leastPassage = 12 // tokens
)

// wholes remembers how long whole collections are, by model and text.
type wholes struct{ lengths recent.Cache[int] }

func (w *wholes) fits(ctx context.Context, s *Service, model string, text []engine.Segment, room int) bool {
	n, _ := w.length(ctx, s, model, text)
	return n <= room
}

// length is how many tokens a whole collection has; exact: they were counted.
func (w *wholes) length(ctx context.Context, s *Service, model string, text []engine.Segment) (n int, exact bool) {
	texts := make([]string, len(text))
	for i := range text {
		texts[i] = text[i].Text
	}
	key := recent.Key(append([]string{model}, texts...)...)
	n, exact = w.lengths.Get(key)
	if exact {
		return n, true
	}
	lengths, exact := s.count(ctx, model, texts)
	for _, l := range lengths {
		n += l
	}
	if exact {
		w.lengths.Put(key, n)
	}
	return n, exact
}
