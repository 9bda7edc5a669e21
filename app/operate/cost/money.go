package cost

import (
	"fmt"
	"math/big"
	"strings"
)

// Money is an amount of the sheet's currency in millionths. As JSON it is a
// plain number with at most six decimals, read and written without rounding.
type Money int64

// mostMoney bounds one price: a thousand million.
const mostMoney = Money(1e15)

// MarshalJSON writes the exact decimal.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// String is the exact decimal without trailing zeros.
func (m Money) String() string {
	sign, v := "", uint64(m)
	if m < 0 {
		sign, v = "-", uint64(-m)
	}
	text := fmt.Sprintf("%s%d.%06d", sign, v/1e6, v%1e6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// UnmarshalJSON reads a number; more than six decimals, or more than mostMoney,
// are an error.
func (m *Money) UnmarshalJSON(b []byte) error {
	if len(b) > 40 {
		return fmt.Errorf("a price of %d characters", len(b))
	}
	r, ok := new(big.Rat).SetString(string(b))
	if !ok || strings.ContainsAny(string(b), `"/_`) || strings.ContainsAny(string(b), "eE") && len(b) > 10 {
		return fmt.Errorf("%.20q is no price", b)
	}
	r.Mul(r, big.NewRat(1e6, 1))
	if !r.IsInt() || r.Num().CmpAbs(big.NewInt(int64(mostMoney))) > 0 {
		return fmt.Errorf("the price %.20s has more than six decimals, or is too large", b)
	}
	*m = Money(r.Num().Int64())
	return nil
}

// rat is the amount in millionths, for exact sums.
func (m Money) rat() *big.Rat { return new(big.Rat).SetInt64(int64(m)) }

// round is a sum of millionths as Money, half away from zero; what is beyond
// an int64 becomes the largest.
func round(r *big.Rat) Money {
	n := new(big.Int).Mul(r.Num(), big.NewInt(2))
	half := new(big.Int).Set(r.Denom())
	if r.Sign() < 0 {
		half.Neg(half)
	}
	n.Add(n, half).Quo(n, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if !n.IsInt64() {
		return Money(int64(1<<63 - 1))
	}
	return Money(n.Int64())
}

// share divides; by nothing it gives nil.
func share(a *big.Rat, by *big.Rat) *big.Rat {
	if by.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(a, by)
}

// some is an amount that may not be known.
func some(r *big.Rat) *Money {
	if r == nil {
		return nil
	}
	m := round(r)
	return &m
}
