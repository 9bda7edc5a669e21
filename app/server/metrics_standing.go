package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"alcove/app/operate"
	"alcove/app/operate/sentinel"
	"alcove/engine"
)

// standingMetrics shows which models are in memory, and what is wrong.
type standingMetrics struct {
	engine    engine.Backend
	attention func() operate.Attention
	firing    func() []operate.Firing // nil: there are no alerts
}

var (
	modelInfo     = prometheus.NewDesc("alcove_model_info", "A model in memory, by the name of its file, and what computes it; always 1.", []string{"model", "device"}, nil)
	modelsLoaded  = prometheus.NewDesc("alcove_models_loaded", "Models in memory that answer.", nil, nil)
	alertsFiring  = prometheus.NewDesc("alcove_alerts_firing", "Alerts that fire, by severity.", []string{"severity"}, nil)
	attentionOpen = prometheus.NewDesc("alcove_attention_items", "Matters that need attention, alerts among them, by severity.", []string{"severity"}, nil)
)

// Describe names the metrics.
func (m standingMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{modelInfo, modelsLoaded, alertsFiring, attentionOpen} {
		ch <- d
	}
}

// Collect reads them.
func (m standingMetrics) Collect(ch chan<- prometheus.Metric) {
	g, told := gauges{ch}, map[[2]string]bool{}
	ready := 0
	for _, l := range m.engine.Status().Loaded {
		if !l.Ready {
			continue
		}
		ready++
		if pair := [2]string{label(l.Model), label(l.Device)}; !told[pair] { // a series twice would fail the whole answer
			told[pair] = true
			g.set(modelInfo, 1, pair[0], pair[1])
		}
	}
	g.set(modelsLoaded, float64(ready))
	open := map[sentinel.Severity]int{}
	for _, item := range m.attention().Items {
		open[item.Severity]++
	}
	g.severities(attentionOpen, open)
	if m.firing == nil {
		return
	}
	fire := map[sentinel.Severity]int{}
	for _, f := range m.firing() {
		fire[f.Severity]++
	}
	g.severities(alertsFiring, fire)
}

// severities tells all three, so that a series does not come and go.
func (g gauges) severities(d *prometheus.Desc, n map[sentinel.Severity]int) {
	for _, s := range []sentinel.Severity{sentinel.Info, sentinel.Warning, sentinel.Critical} {
		g.set(d, float64(n[s]), string(s))
	}
}
