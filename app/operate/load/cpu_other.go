//go:build !unix

package load

// OwnSeconds is not known here.
func OwnSeconds() (seconds float64, known bool) { return 0, false }
