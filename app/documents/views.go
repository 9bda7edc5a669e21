package documents

import (
	"context"
	"encoding/json"
	"time"

	"alcove/app/documents/extract"
	"alcove/storage"
)

// Events for the pages, and what they bring.
const (
	EventDocument          = "document.changed"
	EventDocumentDeleted   = "document.deleted"
	EventDocumentErased    = "document.erased"
	EventCollection        = "collection.changed"
	EventCollectionDeleted = "collection.deleted"
)

// DocumentChanged is the data of EventDocument.
type DocumentChanged struct {
	Document Document `json:"document"`
}

// DocumentDeleted is the data of EventDocumentDeleted.
type DocumentDeleted struct {
	ID         string `json:"id"`
	Collection string `json:"collection"`
}

// DocumentErased is the data of EventDocumentErased: nothing of a deleted
// document is on the disk any more.
type DocumentErased struct {
	ID string `json:"id"`
}

// CollectionChanged is the data of EventCollection.
type CollectionChanged struct {
	Collection Collection `json:"collection"`
}

// CollectionDeleted is the data of EventCollectionDeleted.
type CollectionDeleted struct {
	ID string `json:"id"`
}

// Collection is a collection with the figures of its documents.
type Collection struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Owner       string     `json:"owner"`
	Readers     []string   `json:"readers" nullable:"false" doc:"\"everybody\", or people; the owner reads it anyway."`
	Languages   []string   `json:"languages" nullable:"false"`
	LocalOnly   bool       `json:"local_only" doc:"It never leaves this box."`
	Threshold   *float64   `json:"threshold,omitempty" doc:"The score from which its documents answer; absent: the measured default."`
	Refusal     string     `json:"refusal" doc:"What is said when they do not; empty: the built-in sentence."`
	Pinned      string     `json:"pinned" enum:"auto,always,never" doc:"Whether a model reads all of it with each question; auto: where it is small beside what the model can take."`
	Paused      bool       `json:"paused" doc:"Its queue rests."`
	Documents   int        `json:"documents"`
	Chunks      int        `json:"chunks"`
	Pages       int        `json:"pages"`
	Ready       int        `json:"ready"`
	Waiting     int        `json:"waiting" doc:"In the queue, or in work."`
	Failed      int        `json:"failed"`
	Flagged     int        `json:"flagged"`
	IndexedAt   *time.Time `json:"indexed_at,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

// Document is one file of a collection.
type Document struct {
	ID           string                `json:"id"`
	Collection   string                `json:"collection_id"`
	Name         string                `json:"name"`
	Folder       string                `json:"folder,omitempty" doc:"The watched folder that it came from; absent for a file that was sent."`
	Path         string                `json:"path,omitempty"`
	Format       string                `json:"format,omitempty"`
	Title        string                `json:"title,omitempty"`
	Language     string                `json:"language,omitempty"`
	State        storage.DocumentState `json:"state" enum:"waiting,reading,indexing,ready,failed,duplicate,cancelled"`
	Reason       string                `json:"reason,omitempty" doc:"Why it failed; of a duplicate the document that has the same bytes."`
	ReasonText   string                `json:"reason_text,omitempty" doc:"The sentence for people."`
	Progress     float64               `json:"progress" doc:"0 to 1, of reading or indexing."`
	SHA256       string                `json:"sha256,omitempty"`
	Size         int64                 `json:"size" doc:"Bytes."`
	Modified     *time.Time            `json:"modified,omitempty"`
	Pages        int                   `json:"pages"`
	Chunks       int                   `json:"chunks"`
	Flags        []extract.Flag        `json:"flags" nullable:"false"`
	Attempts     int                   `json:"attempts"`
	Series       string                `json:"series,omitempty" doc:"Documents of one series are versions of one text."`
	Version      string                `json:"version,omitempty"`
	Effective    string                `json:"effective,omitempty" doc:"The day from which it holds; absent: always."`
	SupersededBy string                `json:"superseded_by,omitempty" doc:"The document that holds in its place."`
	Found        bool                  `json:"found" doc:"Questions can find text of it, maybe of the file as it was before."`
	IndexedAt    *time.Time            `json:"indexed_at,omitempty"`
	CreatedAt    time.Time             `json:"created_at"`
	UpdatedAt    time.Time             `json:"updated_at"`
}

// view is a document as pages see it.
func (s *Service) view(d storage.Document) Document {
	v := Document{ID: d.ID, Collection: d.CollectionID, Name: d.Name, Folder: d.Folder, Path: d.Path, Format: d.Format, Title: d.Title,
		Language: d.Language, State: d.State, Reason: d.Reason, SHA256: d.SHA256, Size: d.Size, Modified: known(d.Modified), Pages: d.Pages,
		Chunks: d.Chunks, Flags: []extract.Flag{}, Attempts: d.Attempts, Series: d.Series, Version: d.Version, Effective: d.Effective,
		SupersededBy: d.SupersededBy, Found: !d.IndexedAt.IsZero(), IndexedAt: known(d.IndexedAt), CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
	if len(d.Flags) > 0 {
		if err := json.Unmarshal(d.Flags, &v.Flags); err != nil {
			s.log.Warn("flags of a document make no sense", "document", d.ID, "err", err)
		}
	}
	switch d.State {
	case storage.DocumentReady:
		v.Progress = 1
	case storage.DocumentReading, storage.DocumentIndexing:
		s.mu.Lock()
		v.Progress = s.progress[d.ID]
		s.mu.Unlock()
	case storage.DocumentFailed:
		v.ReasonText = reasonText(extract.Reason(d.Reason))
	case storage.DocumentDuplicate:
		v.ReasonText = "The collection has the same file already, and that one answers. This one takes its place when it goes."
	}
	return v
}

// known is nil for a time that is not known.
func known(t time.Time) *time.Time {
	if t.IsZero() || t.Unix() <= 0 {
		return nil
	}
	return &t
}

// reasonText is the sentence for a reason.
func reasonText(r extract.Reason) string {
	if text, ok := reasonTexts[r]; ok {
		return text
	}
	return "This file could not be read. The log says more."
}

var reasonTexts = map[extract.Reason]string{
	extract.Unsupported:  "This kind of file is not supported. Save it as PDF, DOCX, XLSX, PPTX, ODT, HTML, Markdown, text, CSV or EML.",
	extract.Encrypted:    "This file is protected by a password. Remove the protection, and send it again.",
	extract.Damaged:      "This file is damaged or incomplete. Open and save it again in the program that made it, and send it again.",
	extract.Empty:        "There is no text in this file.",
	extract.Scanned:      "This file has only pictures of pages. Install tesseract on this machine and choose Try again, or send it with a text layer.",
	extract.TooLarge:     "This file is larger than 256 MiB. Split it, and send the parts.",
	extract.TooManyPages: "This file has more pages than can be read. Split it, and send the parts.",
	extract.Inflates:     "This file unpacks to far more than its size, as files do that are made to harm. It was not read.",
	extract.Timeout:      "Reading this file took too long, twice. Split it, or save it in another format.",
	extract.Memory:       "Reading this file took too much memory, twice. Split it, or save it in another format.",
	extract.Crashed:      "The program that reads files stopped at this one, twice. Save it in another format, and send it again.",
	extract.Gone:         "The file is not there any more, or Alcove may not read it. Check its permissions and choose Try again.",
	ReasonIndex:          "The text was read but could not be put into the index. Choose Try again; the log says more.",
}

// collectionView is a collection with its figures, whoever may read it.
func (s *Service) collectionView(ctx context.Context, id string) (Collection, error) {
	list, err := s.d.Store.AllCollections(ctx)
	if err != nil {
		return Collection{}, err
	}
	for _, c := range list {
		if c.ID == id {
			return s.withFigures(ctx, c)
		}
	}
	return Collection{}, storage.ErrNotFound
}

func (s *Service) withFigures(ctx context.Context, c storage.Collection) (Collection, error) {
	n, err := s.d.Store.CollectionCounts(ctx, c.ID)
	if err != nil {
		return Collection{}, err
	}
	return Collection{ID: c.ID, Title: c.Title, Description: c.Description, Owner: c.Owner, Readers: list(c.Readers), Languages: list(c.Languages),
		LocalOnly: c.LocalOnly, Threshold: c.Threshold, Refusal: c.Refusal, Pinned: c.Pinned, Paused: c.Paused, Documents: n.Documents, Chunks: n.Chunks,
		Pages: n.Pages, Ready: n.States[storage.DocumentReady], Failed: n.States[storage.DocumentFailed], Flagged: n.Flagged,
		Waiting:   n.States[storage.DocumentWaiting] + n.States[storage.DocumentReading] + n.States[storage.DocumentIndexing],
		IndexedAt: known(n.IndexedAt), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}, nil
}

func list(l []string) []string { return append([]string{}, l...) }
