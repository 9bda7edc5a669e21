// How much was used, as the box would tell it of its requests.
const sum = (rows) => ({
  requests: rows.length,
  failed: rows.filter((row) => row.status === "failed").length,
  prompt_tokens: rows.reduce((n, row) => n + row.prompt_tokens, 0),
  cached_tokens: 0,
  output_tokens: rows.reduce((n, row) => n + row.output_tokens, 0),
});

export function usage(box) {
  const by = (field) =>
    [...new Set(box.requests.map((row) => row[field]))].map((name) => [
      name,
      box.requests.filter((row) => row[field] === name),
    ]);
  const people = by("who").map(([who, rows]) => ({ who, people: 1, ...sum(rows) }));
  return {
    from: new Date().toISOString(),
    to: new Date().toISOString(),
    total: sum(box.requests),
    by_day: [],
    by_model: by("model").map(([model, rows]) => ({ model, ...sum(rows) })),
    ...(box.settings.usage_per_person && {
      people: people.length < (box.settings.usage_min_group ?? 5) ? [] : people,
    }),
  };
}
