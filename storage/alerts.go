package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// Alert is one alert that fired. No text of users is in it.
type Alert struct {
	ID, Rule, Title, Severity, Metric string
	Value, Threshold                  float64
	Text                              string
	FiredAt                           time.Time
	ResolvedAt                        time.Time // zero while it is firing
	Ended                             string    // why it ended, empty while it is firing
}

// NoticeStatus says what became of a notice.
type NoticeStatus string

// Statuses of a notice. Waiting, held and joined ones have not ended.
const (
	NoticeWaiting NoticeStatus = "waiting" // to be sent, or to be tried again
	NoticeHeld    NoticeStatus = "held"    // until quiet hours end, or there were too many
	NoticeJoined  NoticeStatus = "joined"  // a summary says it too
	NoticeSent    NoticeStatus = "sent"
	NoticeFailed  NoticeStatus = "failed"
)

// Notice is one message to one channel about an alert, or a summary of several.
type Notice struct {
	ID             string
	Alert          string // empty of a summary
	Channel, Event string
	Status         NoticeStatus
	Reason         string // a sentence: why it is held, or what failed
	Into           string // the summary that says it too
	Body           json.RawMessage
	Attempts       int
	NextAt         time.Time // not before this is it tried
	CreatedAt      time.Time
	ChangedAt      time.Time
}

// AlertSetting gives a stored document of the alerts; ErrNotFound while none is stored.
func (db *DB) AlertSetting(ctx context.Context, name string) (json.RawMessage, error) {
	var value string
	err := db.read(ctx, func(q *sqlcgen.Queries) (err error) {
		value, err = q.GetAlertSetting(ctx, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read alert settings: %w", err)
	}
	return json.RawMessage(value), nil
}

// SetAlertSetting stores a document and the secrets that go with it, all or
// nothing; nil removes the document, an empty secret is removed.
func (db *DB) SetAlertSetting(ctx context.Context, name string, value json.RawMessage, secrets map[string]string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		var err error
		if value == nil {
			err = q.DeleteAlertSetting(ctx, name)
		} else {
			err = q.PutAlertSetting(ctx, sqlcgen.PutAlertSettingParams{Name: name, Value: string(value)})
		}
		for key, secret := range secrets {
			if err != nil {
				return err
			}
			if secret == "" {
				err = q.DeleteAlertSecret(ctx, key)
			} else {
				err = q.PutAlertSecret(ctx, sqlcgen.PutAlertSecretParams{Name: key, Value: secret})
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store alert settings: %w", err)
	}
	return nil
}

// AlertSecrets gives the secrets of the alert channels, for sending alone.
func (db *DB) AlertSecrets(ctx context.Context) (map[string]string, error) {
	secrets := map[string]string{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListAlertSecrets(ctx)
		for _, r := range rows {
			secrets[r.Name] = r.Value
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read alert secrets: %w", err)
	}
	return secrets, nil
}

// PutAlerts stores alerts and notices as they are now, in one transaction; with
// ErrInvalid the tables refuse one of them, and none is stored.
func (db *DB) PutAlerts(ctx context.Context, alerts []Alert, notices []Notice) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		for _, a := range alerts {
			if err := q.PutAlert(ctx, alertRow(a)); err != nil {
				return err
			}
		}
		for _, n := range notices {
			if err := putNotice(ctx, q, n); err != nil {
				return err
			}
		}
		return nil
	})
	if isRefused(err) {
		err = fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err != nil {
		return fmt.Errorf("store alerts: %w", err)
	}
	return nil
}

func putNotice(ctx context.Context, q *sqlcgen.Queries, n Notice) error {
	row := sqlcgen.PutAlertNoticeParams{ID: n.ID, Channel: n.Channel, Event: n.Event, Status: string(n.Status), Reason: n.Reason, IntoID: n.Into,
		Body: string(n.Body), Attempts: int64(n.Attempts), NextAt: millis(n.NextAt), CreatedAt: millis(n.CreatedAt), ChangedAt: millis(n.ChangedAt)}
	if n.Alert != "" {
		row.AlertID = &n.Alert
	}
	return q.PutAlertNotice(ctx, row)
}

// UnfinishedAlerts lists the alerts that have not ended, and of the others those
// that are named.
func (db *DB) UnfinishedAlerts(ctx context.Context, others []string) ([]Alert, error) {
	return db.alerts(ctx, func(q *sqlcgen.Queries) ([]sqlcgen.Alert, error) {
		firing, err := q.FiringAlerts(ctx)
		if err != nil {
			return nil, err
		}
		ended, err := q.AlertsByID(ctx, others)
		return append(firing, ended...), err
	})
}

// EndedAlerts lists the alerts that ended last, newest end first.
func (db *DB) EndedAlerts(ctx context.Context, limit int) ([]Alert, error) {
	return db.alerts(ctx, func(q *sqlcgen.Queries) ([]sqlcgen.Alert, error) { return q.EndedAlerts(ctx, int64(limit)) })
}

func (db *DB) alerts(ctx context.Context, list func(*sqlcgen.Queries) ([]sqlcgen.Alert, error)) ([]Alert, error) {
	var out []Alert
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := list(q)
		for _, r := range rows {
			out = append(out, Alert{ID: r.ID, Rule: r.Rule, Title: r.Title, Severity: r.Severity, Metric: r.Metric, Value: r.Value,
				Threshold: r.Threshold, Text: r.Text, FiredAt: fromMillis(r.FiredAt), ResolvedAt: fromMillisPtr(r.ResolvedAt), Ended: r.Ended})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	return out, nil
}

// OpenNotices lists the notices that have not ended, oldest first.
func (db *DB) OpenNotices(ctx context.Context) ([]Notice, error) {
	return db.notices(ctx, func(q *sqlcgen.Queries) ([]sqlcgen.AlertNotice, error) { return q.OpenAlertNotices(ctx) })
}

// Notices lists the notices of some alerts, oldest first.
func (db *DB) Notices(ctx context.Context, alerts []string) ([]Notice, error) {
	ids := make([]*string, len(alerts))
	for i := range alerts {
		ids[i] = &alerts[i]
	}
	return db.notices(ctx, func(q *sqlcgen.Queries) ([]sqlcgen.AlertNotice, error) { return q.ListAlertNotices(ctx, ids) })
}

func (db *DB) notices(ctx context.Context, list func(*sqlcgen.Queries) ([]sqlcgen.AlertNotice, error)) ([]Notice, error) {
	var out []Notice
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := list(q)
		for _, r := range rows {
			n := Notice{ID: r.ID, Channel: r.Channel, Event: r.Event, Status: NoticeStatus(r.Status), Reason: r.Reason, Into: r.IntoID,
				Body: json.RawMessage(r.Body), Attempts: int(r.Attempts), NextAt: fromMillis(r.NextAt), CreatedAt: fromMillis(r.CreatedAt), ChangedAt: fromMillis(r.ChangedAt)}
			if r.AlertID != nil {
				n.Alert = *r.AlertID
			}
			out = append(out, n)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	return out, nil
}

// SentNotices gives when each channel sent something since a time, oldest first.
func (db *DB) SentNotices(ctx context.Context, since time.Time) (map[string][]time.Time, error) {
	sent := map[string][]time.Time{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.SentAlertNotices(ctx, millis(since))
		for _, r := range rows {
			sent[r.Channel] = append(sent[r.Channel], fromMillis(r.ChangedAt))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sent notices: %w", err)
	}
	return sent, nil
}

// DropAlerts forgets alerts that ended before a time, and all but the newest
// of them beyond keep, with their notices. Firing ones stay, and those with
// notices that have not ended.
func (db *DB) DropAlerts(ctx context.Context, before time.Time, keep int) error {
	at := millis(before)
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return errors.Join(q.DropAlertsBefore(ctx, &at), q.DropOldAlerts(ctx, int64(keep)), q.DropAlertNoticesBefore(ctx, at))
	})
	if err != nil {
		return fmt.Errorf("forget old alerts: %w", err)
	}
	return nil
}

func alertRow(a Alert) sqlcgen.PutAlertParams {
	row := sqlcgen.PutAlertParams{ID: a.ID, Rule: a.Rule, Title: a.Title, Severity: a.Severity, Metric: a.Metric, Value: a.Value,
		Threshold: a.Threshold, Text: a.Text, FiredAt: millis(a.FiredAt), Ended: a.Ended}
	if !a.ResolvedAt.IsZero() {
		at := millis(a.ResolvedAt)
		row.ResolvedAt = &at
	}
	return row
}
