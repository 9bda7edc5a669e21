package alerts

import (
	"fmt"
	"time"
)

// QuietHours hold notices back until they end. They are times of the clock on
// the wall: they follow summer time, and may span midnight.
type QuietHours struct {
	Enabled     bool   `json:"enabled"`
	From        string `json:"from" doc:"HH:MM, the machine's local time"`
	To          string `json:"to" doc:"HH:MM; earlier than from: on the next day"`
	CriticalToo bool   `json:"critical_too" doc:"Hold critical alerts too"`
}

// holds says whether a notice must wait at a local time.
func (q QuietHours) holds(s Severity, local time.Time) bool {
	if !q.Enabled || s == Critical && !q.CriticalToo {
		return false
	}
	from, fromOK := minuteOf(q.From)
	to, toOK := minuteOf(q.To)
	if !fromOK || !toOK {
		return false
	}
	now := local.Hour()*60 + local.Minute()
	if from <= to {
		return now >= from && now < to
	}
	return now >= from || now < to
}

func (q QuietHours) check() error {
	from, ok := minuteOf(q.From)
	if !ok {
		return invalid("quiet_hours.from", "%s", timeWanted)
	}
	to, ok := minuteOf(q.To)
	if !ok {
		return invalid("quiet_hours.to", "%s", timeWanted)
	}
	if q.Enabled && from == to {
		return invalid("quiet_hours.to", "Quiet hours must end at another time than they begin.")
	}
	return nil
}

const timeWanted = "A time is written as 22:00, from 00:00 to 23:59."

// minuteOf reads HH:MM as the minute of the day.
func minuteOf(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute()) == s
}
