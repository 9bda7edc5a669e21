package app

// EventInbox says that something of a collection's inbox is another now. Who asked
// is not in it: HR reads the inbox again.
const EventInbox = "inbox.changed"

// InboxChanged is the data of EventInbox.
type InboxChanged struct {
	Collection string `json:"collection"`
}
