import { memo, useEffect, useRef, useState } from "react";
import type { RequestRow } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { heldBack } from "@/state/monitor/requests";
import { milliseconds } from "@/state/monitor/units";
import { dateTime, integer, rate, timeOfDay } from "@/state/numbers";
import { routeName, statusName, whoName } from "../names";

// RequestTable takes new rows in by itself while nobody reads it: with the
// pointer or the focus in it, or scrolled down, they wait behind a button.
export function RequestTable({
  rows,
  onReading,
}: {
  readonly rows: readonly RequestRow[];
  readonly onReading: (reading: boolean) => void;
}) {
  const [top, setTop] = useState<string | null>(null);
  const [inside, setInside] = useState(false);
  const head = useRef<HTMLDivElement>(null);
  const atTop = useSeen(head);
  const reading = inside || !atTop;
  const newest = rows[0]?.id ?? null;
  // What was on top when the reading began stays there.
  useEffect(() => {
    setTop((held) => (reading ? (held ?? newest) : null));
  }, [reading, newest]);
  useEffect(() => {
    onReading(reading);
    return () => onReading(false);
  }, [reading, onReading]);
  const waiting = reading ? heldBack(rows, top) : 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notices that somebody reads
    <div
      className="requests"
      onPointerEnter={() => setInside(true)}
      onPointerLeave={() => setInside(false)}
      onFocus={() => setInside(true)}
      onBlur={() => setInside(false)}
    >
      <div ref={head} />
      <p role="status" className="requests-new">
        {waiting > 0 && (
          <Button className="h-8" onClick={() => setTop(newest)}>
            {waiting === 1 ? m.requests_new_one() : m.requests_new({ n: integer(waiting) })}
          </Button>
        )}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus */}
      <section className="table-scroll" tabIndex={0} aria-label={m.requests()}>
        <table className="figures-table">
          <thead>
            <tr>
              <th scope="col">{m.chart_time()}</th>
              <th scope="col">{m.filter_who()}</th>
              <th scope="col">{m.filter_model()}</th>
              <th scope="col">{m.filter_route()}</th>
              <th scope="col">{m.filter_status()}</th>
              {numbers.map(({ name }) => (
                <th key={name()} scope="col" className="is-number">
                  {name()}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(waiting).map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

const numbers: readonly { readonly name: () => string; readonly of: (row: RequestRow) => string | undefined }[] = [
  { name: m.total_prompt, of: (row) => integer(row.prompt_tokens) },
  { name: m.total_cached, of: (row) => integer(row.cached_tokens) },
  { name: m.total_output, of: (row) => integer(row.output_tokens) },
  { name: m.chart_queue, of: (row) => milliseconds(row.queue_ms) },
  {
    name: m.chart_first,
    of: (row) => (row.first_token_ms === undefined ? undefined : milliseconds(row.first_token_ms)),
  },
  { name: m.chart_total, of: (row) => milliseconds(row.total_ms) },
  {
    name: m.unit_tokens,
    of: (row) => (row.tokens_per_second === undefined ? undefined : rate(row.tokens_per_second)),
  },
];

// Rows never change, so thousands of them are drawn once.
const Row = memo(function Row({ row }: { readonly row: RequestRow }) {
  return (
    <tr>
      <th scope="row">
        <time dateTime={row.at} title={dateTime(row.at)}>
          {timeOfDay(row.at)}
        </time>
      </th>
      <td className="is-long" title={row.who}>
        {whoName(row.who)}
      </td>
      <td className="is-long" title={row.model}>
        {row.model}
      </td>
      <td>{routeName(row.route)}</td>
      <td data-status={row.status}>
        {statusName(row.status)}
        {row.code && <code className="request-code">{row.code}</code>}
        {row.restarts > 0 && <span className="panel-quiet"> {m.request_restarts({ n: integer(row.restarts) })}</span>}
      </td>
      {numbers.map(({ name, of }) => (
        <td key={name()} className="is-number">
          {of(row) ?? m.chart_unknown()}
        </td>
      ))}
    </tr>
  );
});

// useSeen says whether an element is in view.
function useSeen(element: React.RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    if (!element.current) return;
    const watching = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? true));
    watching.observe(element.current);
    return () => watching.disconnect();
  }, [element]);
  return seen;
}
