//go:build !linux

package main

import (
	"errors"
	"os"
)

func connection() (*os.File, error) {
	return nil, errors.New("the worker is not written for this system yet")
}

func limitMemory(uint64) {}

func lowerPriority() {}
