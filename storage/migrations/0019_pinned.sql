-- +goose Up

-- Whether a model reads a whole collection with each question.
ALTER TABLE collections ADD COLUMN pinned TEXT NOT NULL DEFAULT 'auto' CHECK (pinned IN ('auto', 'always', 'never'));
