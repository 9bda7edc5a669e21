package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// scrub empties the WAL and overwrites the unused bytes of the file. It
// reports false when a reader does not let it.
//
// secure_delete is not enough: when SQLite moves rows between pages it leaves
// copies in the gap between a page's cell pointers and its cells (seen with
// SQLite 3.54.1; VACUUM would help too, at the price of rewriting the whole
// file). Nothing reads these bytes, so writing zeros there is harmless at any
// moment of a crash and to any reader. The writer connection is held meanwhile,
// so that no page changes, and forgets its own copies of pages.
func (db *DB) scrub(ctx context.Context) (bool, error) {
	c, err := db.writer.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()
	// Writers wait for this call, so it does not wait for readers.
	if _, err := c.ExecContext(ctx, "PRAGMA busy_timeout = 100"); err != nil {
		return false, err
	}
	defer c.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = "+busyTimeout)
	var busy, frames, moved int
	if err := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil || busy != 0 {
		return false, err
	}
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	err = zeroGaps(db.raw)
	if _, rollback := c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); err == nil {
		err = rollback
	}
	if err == nil {
		_, err = c.ExecContext(ctx, "PRAGMA shrink_memory")
	}
	return err == nil, err
}

// readerWriterAt is what scrubbing needs of a file.
type readerWriterAt interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Below this many pages the first byte of a page that is not a b-tree page is
// 0: it is the high byte of a page number, or unused.
const maxScrubPages = 1 << 24

// zeroGaps overwrites the gap of every b-tree page. The layout is fixed by
// sqlite.org/fileformat2.html, section 1.6.
func zeroGaps(f readerWriterAt) error {
	var header [100]byte
	if _, err := f.ReadAt(header[:], 0); err != nil {
		return fmt.Errorf("read header: %w", err)
	}
	size := int64(binary.BigEndian.Uint16(header[16:]))
	if size == 1 {
		size = 65536
	}
	if size < 512 || size&(size-1) != 0 {
		return fmt.Errorf("%w: page size %d", ErrCorrupt, size)
	}
	usable := int(size) - int(header[20])
	page, changed := make([]byte, size), false
	for n := int64(0); ; n++ {
		_, err := f.ReadAt(page, n*size)
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("read page %d: %w", n+1, err)
		}
		if n >= maxScrubPages {
			return fmt.Errorf("%w: the file is too large to scrub", ErrInvalid)
		}
		from, to := gap(page, n == 0, usable)
		if isZero(page[from:to]) {
			continue
		}
		clear(page[from:to])
		if _, err := f.WriteAt(page[from:to], n*size+int64(from)); err != nil {
			return fmt.Errorf("overwrite in page %d: %w", n+1, err)
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return f.Sync()
}

// gap finds the bytes of a b-tree page that belong to nothing; it is empty for
// other pages and for one whose header makes no sense.
func gap(page []byte, first bool, usable int) (from, to int) {
	head := 0
	if first {
		head = 100 // the file's header
	}
	switch page[head] {
	case 0x02, 0x05: // interior
		from = head + 12
	case 0x0a, 0x0d: // leaf
		from = head + 8
	default:
		return 0, 0
	}
	from += 2 * int(binary.BigEndian.Uint16(page[head+3:])) // cell pointers
	to = int(binary.BigEndian.Uint16(page[head+5:]))
	if to == 0 {
		to = 65536
	}
	if from > to || to > usable {
		return 0, 0
	}
	return from, to
}

func isZero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}
