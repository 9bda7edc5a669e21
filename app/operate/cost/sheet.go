package cost

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"alcove/app"
)

// Sheet is what things cost. Prices are in its currency.
type Sheet struct {
	Currency string    `json:"currency" doc:"Three letters, such as USD."`
	Own      Own       `json:"own"`
	Cloud    []Cloud   `json:"cloud" nullable:"false" maxItems:"50"`
	Managed  []Managed `json:"managed" nullable:"false" maxItems:"50"`
}

// Own is this box.
type Own struct {
	Purchase   Money `json:"purchase" doc:"What the box cost."`
	Years      int   `json:"years" doc:"It is used so long."`
	Watts      int   `json:"watts" doc:"Of the whole box under load, stated; used where its GPU does not tell its power."`
	OtherWatts int   `json:"other_watts" doc:"Of the box without its GPUs; added to their measured power."`
	KWh        Money `json:"kwh" doc:"One kilowatt-hour."`
	AdminHours int   `json:"admin_hours" doc:"A month; 0: nobody's time is counted."`
	AdminHour  Money `json:"admin_hour" doc:"One hour of that person."`
}

// Cloud is a rented GPU.
type Cloud struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// GPU is the class as package capacity names it.
	GPU     string `json:"gpu"`
	Hour    Money  `json:"hour" doc:"One hour of one."`
	Example bool   `json:"example"`
	AsOf    string `json:"as_of" doc:"When the price was looked up, such as 2025."`
}

// Managed is a service that is paid by tokens; prices are for a million.
type Managed struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Input   Money  `json:"input"`
	Cached  Money  `json:"cached_input" doc:"Input that the service has read before."`
	Output  Money  `json:"output"`
	Example bool   `json:"example"`
	AsOf    string `json:"as_of"`
}

//go:embed prices.json
var shippedJSON []byte

// Shipped is the sheet that comes with the program.
func Shipped() Sheet {
	var s Sheet
	if err := json.Unmarshal(shippedJSON, &s); err != nil {
		panic(fmt.Errorf("read the price sheet: %w", err)) // embedded
	}
	return s
}

func wrong(param, format string, args ...any) error {
	return &app.Error{Code: app.CodeInvalid, Param: param, Message: fmt.Sprintf(format, args...)}
}

// Check says what is wrong with a sheet, as an *app.Error with the field named.
func (s Sheet) Check() error {
	if len(s.Currency) != 3 || strings.ToUpper(s.Currency) != s.Currency || strings.Trim(s.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return wrong("currency", "The currency is three capital letters, such as USD.")
	}
	o := s.Own
	for _, n := range []struct {
		name       string
		v, lo, top int
	}{{"own.years", o.Years, 1, 30}, {"own.watts", o.Watts, 0, 100_000}, {"own.other_watts", o.OtherWatts, 0, 100_000}, {"own.admin_hours", o.AdminHours, 0, 744}} {
		if n.v < n.lo || n.v > n.top {
			return wrong(n.name, "%s must be from %d to %d.", n.name, n.lo, n.top)
		}
	}
	prices := []priced{{"own.purchase", o.Purchase}, {"own.kwh", o.KWh}, {"own.admin_hour", o.AdminHour}}
	if len(s.Cloud) > 50 || len(s.Managed) > 50 {
		return wrong("cloud", "At most 50 rows of a kind.")
	}
	seen := map[string]bool{}
	for i, c := range s.Cloud {
		at := fmt.Sprintf("cloud[%d]", i)
		if err := named(at, c.ID, c.Name, c.AsOf, seen); err != nil {
			return err
		}
		if utf8.RuneCountInString(c.GPU) > 60 || unsafe(c.GPU) {
			return wrong(at+".gpu", "The GPU class has at most 60 characters, and no control characters.")
		}
		prices = append(prices, priced{at + ".hour", c.Hour})
	}
	for i, m := range s.Managed {
		at := fmt.Sprintf("managed[%d]", i)
		if err := named(at, m.ID, m.Name, m.AsOf, seen); err != nil {
			return err
		}
		prices = append(prices, priced{at + ".input", m.Input}, priced{at + ".cached_input", m.Cached}, priced{at + ".output", m.Output})
	}
	for _, p := range prices {
		if p.price < 0 || p.price > mostMoney {
			return wrong(p.name, "%s must be from 0 to %s.", p.name, mostMoney)
		}
	}
	return nil
}

type priced struct {
	name  string
	price Money
}

// unsafe says that a text could do something to a terminal or a page that shows
// it: control characters, line ends, and those that turn the direction.
func unsafe(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || r == utf8.RuneError
	})
}

func named(at, id, name, asOf string, seen map[string]bool) error {
	switch {
	case id == "" || len(id) > 60 || seen[id]:
		return wrong(at+".id", "Each row needs an id of its own, of at most 60 characters.")
	case unsafe(id) || unsafe(name) || unsafe(asOf):
		return wrong(at+".name", "Names, ids and dates of prices have no control characters.")
	case strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > 80:
		return wrong(at+".name", "Each row needs a name of at most 80 characters.")
	case utf8.RuneCountInString(asOf) > 20:
		return wrong(at+".as_of", "The date of a price has at most 20 characters.")
	}
	seen[id] = true
	return nil
}

// Store keeps a sheet.
type Store interface {
	Prices(ctx context.Context) (json.RawMessage, error)
	SetPrices(ctx context.Context, sheet json.RawMessage) error
}

// Book is the sheet that counts: people's own, or the shipped one.
type Book struct {
	Store Store
	Log   *slog.Logger
}

// Prices is a sheet and whether it is the shipped one.
type Prices struct {
	Sheet
	Shipped bool `json:"shipped"`
}

// Get gives the sheet.
func (b Book) Get(ctx context.Context) (Prices, error) {
	raw, err := b.Store.Prices(ctx)
	if err != nil {
		return Prices{}, err
	}
	var s Sheet
	if raw == nil {
		return Prices{Shipped(), true}, nil
	}
	if json.Unmarshal(raw, &s) != nil || s.Check() != nil {
		b.Log.Warn("the price sheet that was stored is not understood; the shipped one counts")
		return Prices{Shipped(), true}, nil // a later version's
	}
	return Prices{s.whole(), false}, nil
}

// whole has empty lists where there are none.
func (s Sheet) whole() Sheet {
	if s.Cloud == nil {
		s.Cloud = []Cloud{}
	}
	if s.Managed == nil {
		s.Managed = []Managed{}
	}
	return s
}

// Set keeps another sheet. What is wrong with it is an *app.Error.
func (b Book) Set(ctx context.Context, s Sheet) (Prices, error) {
	if err := s.Check(); err != nil {
		return Prices{}, err
	}
	raw, err := json.Marshal(s.whole())
	if err != nil {
		return Prices{}, fmt.Errorf("marshal prices: %w", err)
	}
	if err := b.Store.SetPrices(ctx, raw); err != nil {
		return Prices{}, err
	}
	return Prices{s.whole(), false}, nil
}

// Reset goes back to the shipped sheet.
func (b Book) Reset(ctx context.Context) (Prices, error) {
	return Prices{Shipped(), true}, b.Store.SetPrices(ctx, nil)
}
