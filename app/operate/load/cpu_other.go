//go:build !unix

package load

// ownSeconds is not known here.
func ownSeconds() (seconds float64, known bool) { return 0, false }
