package alerts

import (
	"cmp"
	"context"
	"slices"
	"time"

	"alcove/storage"
)

// Alert is an alert as pages show it.
type Alert struct {
	ID         string     `json:"id"`
	Rule       string     `json:"rule" doc:"The rule's id; the rule may be gone"`
	Title      string     `json:"title"`
	Severity   Severity   `json:"severity" enum:"warning,critical"`
	Metric     string     `json:"metric"`
	Value      float64    `json:"value" doc:"When it fired"`
	Threshold  float64    `json:"threshold"`
	FiredAt    time.Time  `json:"fired_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Ended      string     `json:"ended,omitempty" enum:"recovered,edited,disabled" doc:"Why it ended"`
	Text       string     `json:"text" doc:"What is wrong"`
	Advice     string     `json:"advice" doc:"What to do"`
	Deliveries []Delivery `json:"deliveries" nullable:"false"`
}

// Delivery is what became of one notice.
type Delivery struct {
	Channel Channel   `json:"channel" enum:"desktop,email,webhook,syslog"`
	Event   string    `json:"event" enum:"alert.fired,alert.resolved"`
	Status  string    `json:"status" enum:"sent,waiting,failed,held"`
	Error   string    `json:"error,omitempty" doc:"Why it is held, failed, or waits for the next try"`
	At      time.Time `json:"at"`
}

// Metric is a figure that a rule can be about.
type Metric struct {
	Name  string   `json:"name"`
	Unit  string   `json:"unit" enum:"seconds,answers,percent,bytes,celsius,hours,flag"`
	Title string   `json:"title"`
	Value *float64 `json:"value,omitempty" doc:"Now; absent: not known"`
}

// Board is all about alerts.
type Board struct {
	Rules   []Rule   `json:"rules" nullable:"false"`
	Shipped bool     `json:"shipped" doc:"The rules are the shipped ones"`
	Metrics []Metric `json:"metrics" nullable:"false"`
	Firing  []Alert  `json:"firing" nullable:"false" doc:"Worst first, then oldest first"`
	History []Alert  `json:"history" nullable:"false" doc:"Ended ones, newest end first; 90 days and 5000 at most are kept"`
}

// Board gives rules, metrics, what fires, and the newest ended alerts.
func (a *Alerts) Board(ctx context.Context, history int) (Board, error) {
	v := Board{Metrics: []Metric{}, History: []Alert{}}
	var unkept []Alert
	err := a.do(ctx, func(k *keeper) {
		v.Rules, v.Shipped, v.Firing = copyRules(k.rules), k.shipped, k.shown()
		v.Metrics, unkept = k.figures(), k.unkeptEnds()
	})
	if err != nil {
		return Board{}, err
	}
	rows, err := a.deps.Store.EndedAlerts(ctx, history)
	if err != nil {
		return Board{}, err
	}
	notices, err := a.noticesOf(ctx, rows)
	if err != nil {
		return Board{}, err
	}
	for _, row := range rows {
		l := &live{Alert: row, notices: notices[row.ID]}
		v.History = append(v.History, l.view())
	}
	// What the disk has not taken yet is history too.
	for _, al := range unkept {
		v.History = slices.DeleteFunc(v.History, func(h Alert) bool { return h.ID == al.ID })
		v.History = append(v.History, al)
	}
	slices.SortStableFunc(v.History, func(x, y Alert) int { return y.ResolvedAt.Compare(*x.ResolvedAt) })
	v.History = v.History[:min(len(v.History), history)]
	return v, nil
}

func (a *Alerts) noticesOf(ctx context.Context, rows []storage.Alert) (map[string][]*storage.Notice, error) {
	byAlert := map[string][]*storage.Notice{}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	list, err := a.deps.Store.Notices(ctx, ids)
	for i := range list {
		byAlert[list[i].Alert] = append(byAlert[list[i].Alert], &list[i])
	}
	return byAlert, err
}

// shown lists what fires, for pages.
func (k *keeper) shown() []Alert {
	list := []Alert{}
	for _, l := range k.byRule {
		list = append(list, l.view())
	}
	slices.SortFunc(list, func(x, y Alert) int {
		return cmp.Or(cmp.Compare(x.Severity.rank(), y.Severity.rank()), x.FiredAt.Compare(y.FiredAt), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// figures lists the metrics with what is known now.
func (k *keeper) figures() []Metric {
	list := []Metric{}
	for _, m := range metrics {
		one := Metric{Name: m.name, Unit: m.unit, Title: m.title}
		if v, ok := k.latest.known(m.name); ok {
			one.Value = &v
		}
		list = append(list, one)
	}
	return list
}

// unkeptEnds are ended alerts that the database may not have yet.
func (k *keeper) unkeptEnds() []Alert {
	var list []Alert
	for id := range k.unkept {
		if l := k.live[id]; !l.ResolvedAt.IsZero() {
			list = append(list, l.view())
		}
	}
	return list
}

// rank sorts the worst first.
func (s Severity) rank() int { return slices.Index([]Severity{Critical, Warning, info}, s) }

// silentText ends the sentence of an alert whose figure is not known.
const silentText = " The figure has not been known for an hour, so nobody can say whether it is over."

func (l *live) view() Alert {
	al := Alert{ID: l.ID, Rule: l.Rule, Title: l.Title, Severity: Severity(l.Severity), Metric: l.Metric, Value: l.Value, Threshold: l.Threshold,
		FiredAt: l.FiredAt, Ended: l.Ended, Text: l.Text, Advice: metricByName[l.Metric].advice, Deliveries: []Delivery{}}
	if l.silent {
		al.Text += silentText
	}
	if !l.ResolvedAt.IsZero() {
		at := l.ResolvedAt
		al.ResolvedAt = &at
	}
	for _, n := range l.notices {
		d := Delivery{Channel: Channel(n.Channel), Event: n.Event, Status: string(n.Status), Error: n.Reason, At: n.ChangedAt}
		if n.Status == storage.NoticeJoined {
			d.Status = string(storage.NoticeWaiting)
		}
		al.Deliveries = append(al.Deliveries, d)
	}
	return al
}

func (k *keeper) publish(l *live) {
	k.a.deps.Publish(EventAlert, l.view())
	k.a.show(k.shown())
}
