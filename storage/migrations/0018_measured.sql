-- +goose Up
-- What an embedder's cosines mean, as JSON of the index; NULL: not measured yet.
ALTER TABLE embedders ADD COLUMN measured TEXT;

-- +goose Down
ALTER TABLE embedders DROP COLUMN measured;
