// Package alerts watches named figures by rules and tells people when one is
// beyond its limit, and when that has ended: on the page, on the desktop, by
// e-mail, to a webhook, to syslog. It knows no source of the figures: whoever
// has them calls Observe once a second. No text of users comes in here, so
// none can leave. docs/alerts.md is the user's side of it.
//
// step.go decides when a rule fires and ends, queue.go what is sent to a
// channel next; both are pure. alerts.go owns the state: one goroutine, which
// also keeps everything in the database; each channel has a goroutine that
// sends, so that a server that hangs holds nothing up but its own channel.
package alerts
