// Package chat owns one turn of a conversation from the question to the last
// word of the answer: it saves the question, builds the prompt, generates,
// saves the answer as it grows and tells the readers about it.
//
// Vocabulary: a turn is one answer being written. It belongs to the Service,
// not to a connection: readers come and go. It ends by itself, by Stop, when
// nobody has read for a while (an orphan), or when the program shuts down. A
// live answer is one that is being written in this process. The asked path is
// the branch of the message tree from its root to the question.
package chat
