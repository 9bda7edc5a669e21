// Package answer makes passages into an answer that can be checked: whether the
// documents answer at all, the prompt that the model reads, the sources that
// are shown before it writes, the numbers in its text, and what became of
// holding each sentence against its sources.
//
// Vocabulary: a source is a passage that was found and given to the model; its
// number N is what people see, 1 is the best. In the prompt passages stand in
// canonical order, so that many questions begin alike, and have numbers of
// their own; the Stream turns these into sources' numbers. A sentence is
// supported by a source that has its figures and most of its words.
//
// What it knows of a text are figures and words: it proves nothing, it finds
// what is plainly not there.
package answer
