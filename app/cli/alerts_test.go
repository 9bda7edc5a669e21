package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAlertsAreListed(t *testing.T) {
	began := time.Date(2026, 11, 28, 12, 0, 0, 0, time.Local)
	over := began.Add(90 * time.Second)
	now := alert{Title: "A GPU is lost", Severity: "critical", Text: "A GPU does not answer.", Advice: "Look at the driver.", FiredAt: began}
	now.Deliveries = append(now.Deliveries, struct {
		Channel string `json:"channel"`
		Status  string `json:"status"`
		Error   string `json:"error"`
	}{"email", "waiting", "The name mail.example.com was not found."})
	var out bytes.Buffer
	s := &shell{stdout: &out}
	err := s.printAlerts([]alert{now}, []alert{{Title: "Disk space is low", Severity: "warning", Ended: "recovered", FiredAt: began, ResolvedAt: &over}})
	want := `critical: A GPU is lost, since 2026-11-28 12:00:00
  A GPU does not answer. Look at the driver.
  email: waiting: The name mail.example.com was not found.

BEGAN                LASTED  SEVERITY  ALERT              ENDED
2026-11-28 12:00:00  1m30s   warning   Disk space is low  recovered
`
	if d := cmp.Diff(want, out.String()); err != nil || d != "" {
		t.Error(err, d)
	}
	out.Reset()
	if err := s.printAlerts(nil, nil); err != nil || out.String() != "nothing is firing\n" {
		t.Error(out.String(), err)
	}
}
