import type { CapacityResult, CapacityStep } from "@/api/operate";
import { m } from "@/messages/gen/messages.js";
import { Chart } from "@/parts/Chart";
import { seconds } from "@/state/monitor/units";
import { integer, rate } from "@/state/numbers";

// StepChart is the curve: how long the first token takes with so many people,
// and the bound that it shall keep.
export function StepChart({ result }: { readonly result: CapacityResult }) {
  const { steps, settings } = result;
  if (steps.length < 2) return null;
  const people = steps.map((step) => step.people);
  return (
    <Chart
      title={m.capacity_curve()}
      times={people}
      from={people[0] ?? 1}
      to={people.at(-1) ?? 1}
      lines={[
        { label: m.capacity_p95(), values: steps.map((step) => step.first_token_p95_seconds) },
        { label: m.capacity_p50(), values: steps.map((step) => step.first_token_p50_seconds) },
        { label: m.capacity_bound_line(), values: steps.map(() => settings.bound_seconds) },
      ]}
      format={seconds}
      formatX={integer}
      heightRem={12}
    />
  );
}

type Column = { readonly name: () => string; readonly of: (step: CapacityStep) => string };

const columns: readonly Column[] = [
  { name: m.capacity_p50, of: (step) => seconds(step.first_token_p50_seconds) },
  { name: m.capacity_p95, of: (step) => seconds(step.first_token_p95_seconds) },
  { name: m.capacity_each, of: (step) => m.tokens_per_second({ n: rate(step.tokens_per_second_each) }) },
  { name: m.capacity_together, of: (step) => m.tokens_per_second({ n: rate(step.tokens_per_second_together) }) },
  { name: m.capacity_minute, of: (step) => rate(step.answers_per_minute) },
  { name: m.total_failed, of: (step) => integer(step.failed) },
  {
    name: m.capacity_predicted,
    of: ({ predicted }) =>
      predicted
        ? m.capacity_ratio({ first: ratio(predicted.first_token_ratio), together: ratio(predicted.tokens_ratio) })
        : "–",
  },
];

const ratio = (n: number) => n.toFixed(2);

// StepTable has all figures; a step beyond the bound is marked in words.
export function StepTable({
  steps,
  bound,
}: {
  readonly steps: readonly CapacityStep[];
  readonly bound: number | null;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="table-scroll" tabIndex={0} aria-label={m.capacity_steps()}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{m.capacity_at_once()}</th>
            {columns.map(({ name }) => (
              <th key={name()} scope="col" className="is-number">
                {name()}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.people}>
              <th scope="row">
                {integer(step.people)}
                {bound !== null && step.first_token_p95_seconds > bound && (
                  <span className="operate-tag">{m.capacity_late()}</span>
                )}
              </th>
              {columns.map(({ name, of }) => (
                <td key={name()} className="is-number">
                  {of(step)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
