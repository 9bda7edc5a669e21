import { useId, useState } from "react";
import type { Figures } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { dateTime, duration, integer, rate } from "@/state/numbers";

// FiguresLine is the small print under an answer: model · time · tokens a
// second. A click shows all of it.
export function FiguresLine({ figures, createdAt }: { readonly figures: Figures; readonly createdAt: string }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const line = [figures.model, duration(figures.total_ms)];
  if (figures.tokens_per_sec > 0) line.push(m.tokens_per_second({ n: rate(figures.tokens_per_sec) }));
  const rows = detailsOf(figures, createdAt);
  return (
    <div className="figures">
      <button
        type="button"
        className="figures-line"
        aria-expanded={open}
        aria-controls={id}
        title={rows.map(([label, value]) => `${label}: ${value}`).join("\n")}
        onClick={() => setOpen(!open)}
      >
        {line.join(" · ")}
      </button>
      <dl id={id} hidden={!open} className="figures-all">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function detailsOf(figures: Figures, createdAt: string): [string, string][] {
  const rows: [string, string][] = [
    [m.figure_written(), m.tokens({ n: integer(figures.output_tokens) })],
    [m.figure_read(), m.tokens({ n: integer(figures.prompt_tokens) })],
    [m.figure_cached(), m.tokens({ n: integer(figures.cached_tokens) })],
    [m.figure_first(), duration(figures.first_token_ms)],
    [m.figure_device(), figures.device],
    [m.figure_when(), dateTime(createdAt)],
  ];
  if (figures.restarts > 0) rows.push([m.figure_restarts(), integer(figures.restarts)]);
  return rows.filter(([, value]) => value !== "");
}
