// Package sqlcgen is made by sqlc from storage/queries and storage/migrations.
// Change those and run `sqlc generate` in storage; a test finds what was
// forgotten. Only package storage imports it.
package sqlcgen
