// Package storage keeps conversations, answers, figures, settings, keys and
// sessions in one SQLite file.
//
// Vocabulary: a conversation is a tree of messages; a message names its
// parent, so an edit or a regeneration is a sibling and nothing is cut off. A
// turn is a question with its answer. An answer grows in parts while it is
// written; when it ends its parts are joined into one whole part, which the
// full-text index covers. Figures are what an answer cost. A path is the
// messages from a root to one message. The inbox is text that was appended and
// is not committed yet.
//
// What a method has returned without an error is on the disk: WAL with
// synchronous=FULL, one writer connection, immediate transactions. AppendText
// is the one exception: its text is committed together with that of all other
// growing answers within Options.Flush, and FinishMessage waits for it.
//
// When the disk refuses a write (full, broken, read-only) nothing is
// acknowledged any more, not even the next write that would fit, until a probe
// row was written and synced. Meanwhile reading works, and appended text and
// ends are kept in memory and tried again.
//
// The data folder is 0700 and its files are 0600 whatever the umask says.
// Wider permissions are tightened where the folder is ours (we own it, and it
// is empty or holds our database); a folder or file that somebody else owns, or
// a folder full of other things that is open to others, is refused.
//
// The text of a conversation that is deleted and purged is overwritten in the
// file and in the index (secure_delete, FTS5 secure-delete, and scrub.go for
// what these two leave behind), and the WAL is cut. Many chunks of documents
// leave their index by a merge (chunks_drop.go). The copies that are made
// before a migration still hold it: at most three of them are kept, for 14 days.
// Rows of figures stay, without text and without the link to a message.
//
// SQL is in queries/*.sql (sqlc makes sqlcgen from it) and, for FTS5, which sqlc
// cannot parse, in search.go. A change of the schema is a new file in
// migrations; a released one is never edited.
package storage
