package storage

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// Hit is a message, or a conversation's title, in which all words were found.
type Hit struct {
	Conversation Conversation
	MessageID    string // empty: the title
	Snippet      string // U+0001 and U+0002 surround what was found
}

// sqlc cannot parse FTS5 queries, so they are here. The columns are those of
// scanHit. CROSS JOIN keeps the index as the outer loop.
const (
	searchTitles = `
SELECT c.id, c.title, c.created_at, c.updated_at, '', snippet(titles_fts, 0, char(1), char(2), '…', 24)
FROM titles_fts CROSS JOIN conversations c ON c.num = titles_fts.rowid
WHERE titles_fts MATCH ? AND c.deleted_at IS NULL
ORDER BY c.updated_at DESC LIMIT ?`
	searchParts = `
SELECT c.id, c.title, c.created_at, c.updated_at, m.id, snippet(parts_fts, 0, char(1), char(2), '…', 24)
FROM parts_fts CROSS JOIN message_parts p ON p.num = parts_fts.rowid
JOIN messages m ON m.id = p.message_id
JOIN conversations c ON c.id = m.conversation_id
WHERE parts_fts MATCH ? AND c.deleted_at IS NULL
ORDER BY parts_fts.rank LIMIT ?`
)

// Search finds text in titles and finished messages: every word, in any order,
// the last one as a beginning. All of it is literal; there are no operators.
// Titles come first. Answers that are still growing are not found.
func (db *DB) Search(ctx context.Context, text string, limit int) ([]Hit, error) {
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	hits := []Hit{}
	expression := matchOf(text)
	if expression == "" {
		return hits, nil
	}
	for _, query := range []string{searchTitles, searchParts} {
		var err error
		if hits, err = db.searchIn(ctx, hits, query, expression, limit-len(hits)); err != nil {
			return nil, fmt.Errorf("search: %w", named(err))
		}
	}
	return hits, nil
}

func (db *DB) searchIn(ctx context.Context, hits []Hit, query, expression string, limit int) ([]Hit, error) {
	rows, err := db.readers.QueryContext(ctx, query, expression, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h Hit
		var created, updated int64
		c := &h.Conversation
		if err := rows.Scan(&c.ID, &c.Title, &created, &updated, &h.MessageID, &h.Snippet); err != nil {
			return nil, err
		}
		c.CreatedAt, c.UpdatedAt = fromMillis(created), fromMillis(updated)
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

// What lies beyond these is not looked at: a longer question has found what
// it can find by then.
const (
	maxSearchBytes = 4096
	maxSearchWords = 32
)

// matchOf makes an FTS5 expression of a person's text: each word a quoted
// literal, the last one a beginning. Runs without a letter or digit are left
// out, since the index has none. The result is "" when nothing is left.
func matchOf(text string) string {
	if len(text) > maxSearchBytes {
		text = text[:maxSearchBytes]
	}
	text = strings.ToValidUTF8(text, " ")
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == 0 })
	var quoted []string
	for _, w := range words {
		if len(quoted) < maxSearchWords && strings.ContainsFunc(w, isIndexed) {
			quoted = append(quoted, `"`+strings.ReplaceAll(w, `"`, `""`)+`"`)
		}
	}
	if len(quoted) == 0 {
		return ""
	}
	return strings.Join(quoted, " ") + "*"
}

// isIndexed reports whether unicode61 makes tokens of r: letters, digits and
// private use.
func isIndexed(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}
