package alerts

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"alcove/storage"
)

// Events of notices.
const (
	eventFired    = "alert.fired"
	eventResolved = "alert.resolved"
	eventSummary  = "alert.summary"
	eventTest     = "test"
)

// Notice is one message to a channel; a webhook gets it as its JSON body.
type Notice struct {
	Event    string       `json:"event" enum:"alert.fired,alert.resolved,alert.summary,test"`
	Delivery string       `json:"delivery" doc:"Tells the message: one that comes twice has the same"`
	At       time.Time    `json:"at"`
	Box      string       `json:"box" doc:"The machine's name"`
	Severity Severity     `json:"severity" enum:"warning,critical,info"`
	Title    string       `json:"title"`
	Text     string       `json:"text"`
	Alert    *NoticeAlert `json:"alert,omitempty"`
	Alerts   []NoticeLine `json:"alerts,omitempty" doc:"What a summary is about"`
}

// NoticeAlert are the figures of a notice.
type NoticeAlert struct {
	ID         string     `json:"id"`
	Rule       string     `json:"rule"`
	Metric     string     `json:"metric"`
	Unit       string     `json:"unit"`
	Value      float64    `json:"value"`
	Threshold  float64    `json:"threshold"`
	FiredAt    time.Time  `json:"fired_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
}

// NoticeLine is one alert of a summary.
type NoticeLine struct {
	Title    string   `json:"title"`
	Severity Severity `json:"severity"`
	NoticeAlert
}

// info is the severity of notices that ask for nothing.
const info Severity = "info"

func figuresOf(a storage.Alert) NoticeAlert {
	f := NoticeAlert{ID: a.ID, Rule: a.Rule, Metric: a.Metric, Unit: metricByName[a.Metric].unit, Value: a.Value, Threshold: a.Threshold, FiredAt: a.FiredAt.UTC()}
	if !a.ResolvedAt.IsZero() {
		at := a.ResolvedAt.UTC()
		f.ResolvedAt = &at
	}
	return f
}

// messageOf says what has become of an alert.
func messageOf(n *storage.Notice, l *live, box string) Notice {
	figures := figuresOf(l.Alert)
	m := Notice{Event: n.Event, Delivery: n.ID, At: n.CreatedAt.UTC(), Box: box, Severity: Severity(l.Severity), Title: l.Title, Text: l.Text + " " + metricByName[l.Metric].advice, Alert: &figures}
	if n.Event == eventResolved {
		m.Text = "Over after " + durationText(l.ResolvedAt.Sub(l.FiredAt)) + "."
		if l.Ended == endEdited {
			m.Text = "Ended because its rule was changed."
		}
	}
	return m
}

const maxLines = 50 // of a summary

// summaryOf says in one message what several held ones are about.
func summaryOf(n *storage.Notice, about []*live, box string, zone *time.Location) Notice {
	m := Notice{Event: eventSummary, Delivery: n.ID, At: n.CreatedAt.UTC(), Box: box, Severity: Warning}
	firing, over := 0, 0
	var lines []string
	for _, l := range about {
		if Severity(l.Severity) == Critical {
			m.Severity = Critical
		}
		line := fmt.Sprintf("Still so: %s, since %s. %s", l.Title, clockText(l.FiredAt, zone), l.Text)
		if l.ResolvedAt.IsZero() {
			firing++
		} else {
			over++
			line = fmt.Sprintf("Over: %s, %s to %s.", l.Title, clockText(l.FiredAt, zone), clockText(l.ResolvedAt, zone))
		}
		if len(lines) < maxLines {
			lines = append(lines, line)
			m.Alerts = append(m.Alerts, NoticeLine{l.Title, Severity(l.Severity), figuresOf(l.Alert)})
		}
	}
	if more := len(about) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more.", more))
	}
	m.Title = fmt.Sprintf("Meanwhile: %d firing, %d over", firing, over)
	m.Text = strings.Join(lines, "\n")
	return m
}

func clockText(t time.Time, zone *time.Location) string { return t.In(zone).Format("2 Jan 15:04") }

// severityOf reads a stored notice's severity.
func severityOf(body json.RawMessage) Severity {
	var m struct{ Severity Severity }
	if json.Unmarshal(body, &m) != nil || m.Severity != Critical {
		return Warning
	}
	return Critical
}

// testMessage is what the Test button sends.
func testMessage(box string, now time.Time) Notice {
	return Notice{Event: eventTest, Delivery: newID(), At: now.UTC(), Box: box, Severity: info, Title: "Test of the alerts",
		Text: "Somebody pressed Test on the page of Alcove. This channel works."}
}
