//go:build !linux

package formats

import "time"

func limitSelf(time.Duration) error { return nil }

func limitTesseract() error { return nil }
