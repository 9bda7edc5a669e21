package server

import (
	"context"
	"errors"

	"alcove/app/chat/transcript"
	"alcove/storage"
)

// importConversations takes conversations in that were exported. What the file
// says of documents counts only where they are here and the person may read
// them: of others the text of sources is not kept.
func (s *Server) importConversations(ctx context.Context, in *importFileInput) (*created[importedBody], error) {
	list, err := transcript.Read(in.RawBody, newID, s.now())
	if err != nil {
		return nil, err
	}
	where := map[string]storage.Document{} // without an id where it is not here
	for _, one := range list {
		for _, m := range one.Messages {
			for i := range m.Sources {
				if err := s.bind(ctx, &m.Sources[i], where); err != nil {
					return nil, err
				}
			}
		}
	}
	for i := range list {
		c := &list[i].Conversation
		if c.Collection == "" {
			continue
		}
		_, err := s.store.Collection(ctx, person(ctx), c.Collection)
		if errors.Is(err, storage.ErrNotFound) {
			c.Collection, err = "", nil
		}
		if err != nil {
			return nil, err
		}
	}
	stored, err := s.store.Import(ctx, list)
	if err != nil {
		return nil, err
	}
	out := importedBody{Conversations: make([]Conversation, 0, len(stored))}
	for _, c := range stored {
		v := viewConversation(c)
		out.Conversations = append(out.Conversations, v)
		s.hub.Publish(eventChanged, conversationChanged{v})
	}
	return &created[importedBody]{Status: 201, Body: out}, nil
}

// bind holds a source against the documents that are here.
func (s *Server) bind(ctx context.Context, source *storage.Source, where map[string]storage.Document) error {
	d, asked := where[source.DocumentID]
	if !asked {
		var err error
		d, err = s.store.Document(ctx, person(ctx), source.DocumentID)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		where[source.DocumentID] = d
	}
	source.Removed = source.Removed || d.ID == ""
	if source.Removed {
		source.Quote, source.Text, source.Heading = "", "", ""
		return nil
	}
	source.Collection, source.Approved = d.CollectionID, d.Approved
	return nil
}
