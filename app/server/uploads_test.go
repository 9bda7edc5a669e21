package server

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"alcove/app"
	"alcove/app/library"
)

func TestUploads(t *testing.T) {
	b := newBox(t)
	var where folderBody
	b.want(200, "GET", "/api/v1/models/folder", nil, &where)
	content := append([]byte("GGUF\xff\xfe\x00"), bytes.Repeat([]byte{0xc3}, 5000)...)
	var u library.Upload
	b.want(200, "POST", "/api/v1/uploads", map[string]any{"name": "new.gguf", "size": len(content), "modified": 7}, &u)
	send := func(offset int64, piece []byte) answer {
		t.Helper()
		req := b.request("PUT", fmt.Sprintf("/api/v1/uploads/%s?offset=%d", u.ID, offset), piece)
		req.Header.Set("Content-Type", "application/octet-stream")
		return b.send(req)
	}
	send(0, content[:1000]).into(t, &u)
	if u.Offset != 1000 {
		t.Fatalf("%+v", u)
	}
	if a := send(0, content[:1000]); a.status != 409 {
		t.Errorf("the same piece again: %d %s", a.status, a.body)
	}
	var list uploadsBody
	b.want(200, "GET", "/api/v1/uploads", nil, &list)
	if len(list.Uploads) != 1 || list.Uploads[0] != u {
		t.Errorf("list %+v", list)
	}
	b.want(200, "GET", "/api/v1/uploads/"+u.ID, nil, nil)
	if a := send(1000, bytes.Repeat([]byte("x"), library.UploadPiece+1)); a.status != 413 {
		t.Errorf("too large a piece: %d", a.status)
	}
	send(1000, content[1000:]).into(t, &u)
	if got, err := os.ReadFile(filepath.Join(where.Folders[0], "new.gguf")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if p := b.want(404, "GET", "/api/v1/uploads/"+u.ID, nil, nil).problem(t); p.Code != string(app.CodeUploadNotFound) {
		t.Errorf("after its end: %+v", p)
	}
	if a := b.do("POST", "/api/v1/uploads", `{"name":"../x.gguf","size":9}`); a.status != 422 {
		t.Errorf("a path as a name: %d %s", a.status, a.body)
	}
	b.want(200, "POST", "/api/v1/uploads", `{"name":"other.gguf","size":9}`, &u)
	b.want(204, "DELETE", "/api/v1/uploads/"+u.ID, nil, nil)
	b.want(404, "DELETE", "/api/v1/uploads/"+u.ID, nil, nil)
}

// A path is taken from this machine's own programs, not from a page.
func TestImport_OnlyTheWindow(t *testing.T) {
	b := newBox(t)
	path := filepath.Join(t.TempDir(), "a.gguf")
	if err := os.WriteFile(path, []byte("GGUF and more"), 0o600); err != nil {
		t.Fatal(err)
	}
	req := b.request("POST", "/api/v1/models/import", map[string]any{"path": path})
	req.Header.Del("Authorization")
	req.AddCookie(b.signIn())
	if a := b.send(req); a.status != 403 {
		t.Errorf("a browser: %d %s", a.status, a.body)
	}
	req = b.request("POST", "/api/v1/models/import", map[string]any{"path": path})
	req.Header.Set("Authorization", "Bearer "+b.key())
	if a := b.send(req); a.status != 403 {
		t.Errorf("a key: %d", a.status)
	}
	b.want(202, "POST", "/api/v1/models/import", map[string]any{"path": path}, nil)
	wait(t, "the copy", func() bool {
		var where folderBody
		b.want(200, "GET", "/api/v1/models/folder", nil, &where)
		_, err := os.Stat(filepath.Join(where.Folders[0], "a.gguf"))
		return err == nil
	})
}
