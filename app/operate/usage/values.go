package usage

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"alcove/monitor/rollup"
)

// Values are the points of a chart; NaN is one that is not known, null as JSON.
type Values []float64

func newValues(n int) Values {
	v := make(Values, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

// MarshalJSON writes numbers with six digits at most.
func (v Values) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 2+8*len(v))
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case math.IsNaN(x) || math.IsInf(x, 0):
			b = append(b, "null"...)
		case math.Abs(x) >= 1e6 && math.Abs(x) < 1e18:
			b = strconv.AppendInt(b, int64(x), 10)
		default:
			b = strconv.AppendFloat(b, x, 'g', 6, 64)
		}
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Values) UnmarshalJSON(b []byte) error {
	var read []*float64
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	*v = newValues(len(read))
	for i, x := range read {
		if x != nil {
			(*v)[i] = *x
		}
	}
	return nil
}

// Span is the time of a chart.
type Span struct {
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	StepSeconds int       `json:"step_seconds"`
	Times       []int64   `json:"times" nullable:"false" doc:"When each step begins, in Unix seconds."`
}

func spanOf(g rollup.Grid) Span {
	s := Span{From: g.From, To: g.To(), StepSeconds: int(g.Step / time.Second), Times: make([]int64, g.N)}
	for i := range s.Times {
		s.Times[i] = g.From.Unix() + int64(i)*int64(s.StepSeconds)
	}
	return s
}
