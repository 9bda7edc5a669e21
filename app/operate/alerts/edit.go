package alerts

import (
	"context"
	"encoding/json"
	"slices"
)

// SetRules changes all rules, or nothing. An alert whose rule judges
// differently now ends and may fire again by the new one; one whose rule is
// off or gone ends, and nobody is told.
func (a *Alerts) SetRules(ctx context.Context, rules []Rule) error {
	if err := checkRules(rules); err != nil {
		return err
	}
	return a.changeRules(ctx, copyRules(rules), false)
}

// ResetRules goes back to the shipped rules.
func (a *Alerts) ResetRules(ctx context.Context) error {
	return a.changeRules(ctx, Shipped(), true)
}

func (a *Alerts) changeRules(ctx context.Context, rules []Rule, shipped bool) (err error) {
	doErr := a.do(ctx, func(k *keeper) {
		var value json.RawMessage // none: the shipped ones
		if !shipped {
			value = encode(rules)
		}
		ctx, cancel := withStore(ctx)
		defer cancel()
		if err = a.deps.Store.SetAlertSetting(ctx, docRules, value, nil); err == nil {
			k.setRules(rules, shipped)
		}
	})
	if doErr != nil {
		return doErr
	}
	return err
}

func (k *keeper) setRules(rules []Rule, shipped bool) {
	for _, old := range k.rules {
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == old.ID })
		why := ""
		switch {
		case i < 0 || !rules[i].Enabled:
			why = endDisabled
		case !sameCondition(old, rules[i]):
			why = endEdited
		default:
			continue
		}
		delete(k.states, old.ID)
		if l := k.byRule[old.ID]; l != nil {
			k.end(l, why)
		}
	}
	k.rules, k.shipped = rules, shipped
	k.a.show(k.shown())
}
