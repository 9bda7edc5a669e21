//go:build !unix

package config

// KeepPrivate does nothing here: the folder's access list decides.
func KeepPrivate() {}
