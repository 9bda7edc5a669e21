// Package frontend holds the built page. The committed dist/.keep lets the
// package compile in a fresh clone, before the page is built.
package frontend

import "embed"

// Dist is the built page: dist/index.html and its assets, or dist/.keep alone.
//
//go:embed all:dist
var Dist embed.FS
