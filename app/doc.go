// Package app holds what every part of the product shares: the error codes
// and their sentences. Its sub-packages hold what the product does.
package app
