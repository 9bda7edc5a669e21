package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"alcove/app/documents/extract"
)

// CacheDir holds PDFium compiled for this machine. The child sets it once,
// before it parses; empty means that PDFium is compiled again, which takes
// seconds.
var CacheDir string

// Bounds of PDFium.
const (
	memoryPages = 4096   // of 64 KiB each: what PDFium may use. Growing copies it, so twice that is the peak
	maxHandles  = 30_000 // objects that go-pdfium remembers until its instance ends, about 200 bytes each
)

// session is a document open in PDFium. It is opened again when go-pdfium holds
// too many handles, or when PDFium has trapped.
type session struct {
	in      extract.Input
	pool    pdfium.Pool
	lib     pdfium.Pdfium
	doc     references.FPDF_DOCUMENT
	handles int
}

// newPool starts PDFium. Nothing of the machine's files is seen from inside.
func newPool(ctx context.Context) (pdfium.Pool, error) {
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryPages).
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling) // PDFium needs both
	if CacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(CacheDir)
		if err != nil {
			return nil, fmt.Errorf("pdfium: cache: %w", err)
		}
		config = config.WithCompilationCache(cache)
	}
	return webassembly.Init(webassembly.Config{
		Context: ctx, MinIdle: 0, MaxIdle: 0, MaxTotal: 1, RuntimeConfig: config,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
	})
}

// Warm fills CacheDir, where it is not filled yet.
func Warm(ctx context.Context) error {
	pool, err := newPool(ctx)
	if err != nil {
		return err
	}
	return pool.Close()
}

func open(ctx context.Context, in extract.Input) (*session, error) {
	pool, err := newPool(ctx)
	if err != nil {
		return nil, extract.Fail(extract.Crashed, "%v", err)
	}
	s := &session{in: in, pool: pool}
	if err := s.load(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// load opens the document in a new instance.
func (s *session) load() error {
	lib, err := s.pool.GetInstance(time.Minute)
	if err != nil {
		return extract.Fail(extract.Crashed, "pdfium: %v", err)
	}
	s.lib, s.handles = lib, 0
	opened, err := lib.OpenDocument(&requests.OpenDocument{FileReader: s.in.All(), FileReaderSize: s.in.Size})
	switch {
	case errors.Is(err, pdferrors.ErrPassword) || errors.Is(err, pdferrors.ErrSecurity):
		return extract.Fail(extract.Encrypted, "%v", err)
	case err != nil && s.encrypted():
		return extract.Fail(extract.Encrypted, "%v", err)
	case err != nil:
		return extract.Fail(extract.Damaged, "%v", firstLine(err))
	}
	s.doc = opened.Document
	return nil
}

// encrypted looks for a cipher that PDFium does not know in what it refuses.
func (s *session) encrypted() bool {
	tail := make([]byte, min(s.in.Size, 64<<10))
	if _, err := s.in.File.ReadAt(tail, s.in.Size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	at := bytes.LastIndex(tail, []byte("trailer"))
	return at >= 0 && bytes.Contains(tail[at:], []byte("/Encrypt "))
}

// again opens the document in a new instance, after a trap or to let go of handles.
func (s *session) again() error {
	s.drop()
	return s.load()
}

func (s *session) drop() {
	if s.lib != nil {
		s.lib.Close() //nolint:errcheck // the process ends soon, or a new one follows
		s.lib = nil
	}
}

func (s *session) close() {
	s.drop()
	s.pool.Close() //nolint:errcheck // the process ends soon
}

// firstLine drops the WebAssembly stack from an error.
func firstLine(err error) string {
	line, _, _ := bytes.Cut([]byte(err.Error()), []byte("\n"))
	return string(line[:min(len(line), 200)])
}
