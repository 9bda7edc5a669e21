import { useState } from "react";
import type { Alert, AlertMetric } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { dateTime, integer } from "@/state/numbers";
import { quantity, span } from "@/state/ruleForm";
import { Told } from "./Told";

const shownAtFirst = 20;

const endings = {
  recovered: m.alert_ended_recovered,
  edited: m.alert_ended_edited,
  disabled: m.alert_ended_disabled,
} as const;

export function History({
  alerts,
  metrics,
}: {
  readonly alerts: readonly Alert[];
  readonly metrics: readonly AlertMetric[];
}) {
  const [all, setAll] = useState(false);
  const shown = all ? alerts : alerts.slice(0, shownAtFirst);
  return (
    <section className="panel" aria-labelledby="history-title">
      <h3 id="history-title">{m.alerts_history()}</h3>
      {alerts.length === 0 ? (
        <p className="panel-quiet">{m.alerts_history_none()}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section className="table-scroll" aria-labelledby="history-title" tabIndex={0}>
          <table className="figures-table alert-history">
            <thead>
              <tr>
                <th scope="col">{m.alert_what()}</th>
                <th scope="col">{m.alert_began()}</th>
                <th scope="col">{m.alert_lasted()}</th>
                <th scope="col">{m.alert_severity()}</th>
                <th scope="col">{m.alert_figure()}</th>
                <th scope="col">{m.alert_ended()}</th>
                <th scope="col">{m.alert_told()}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((alert) => (
                <Row key={alert.id} alert={alert} metric={metrics.find((one) => one.name === alert.metric)} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <div className="flex flex-wrap items-center gap-3">
        {shown.length < alerts.length && (
          <Button onClick={() => setAll(true)}>{m.alerts_history_all({ n: integer(alerts.length) })}</Button>
        )}
        <p className="panel-quiet">{m.alerts_history_text()}</p>
      </div>
    </section>
  );
}

function Row({ alert, metric }: { readonly alert: Alert; readonly metric: AlertMetric | undefined }) {
  const seconds = alert.resolved_at ? (Date.parse(alert.resolved_at) - Date.parse(alert.fired_at)) / 1000 : 0;
  return (
    <tr>
      <td className="is-title">{alert.title}</td>
      <td>{dateTime(alert.fired_at)}</td>
      <td>{span(Math.round(seconds))}</td>
      <td>{alert.severity === "critical" ? m.severity_critical() : m.severity_warning()}</td>
      <td>
        {metric?.unit !== "flag" &&
          m.alert_beyond({
            value: quantity(alert.value, metric?.unit),
            limit: quantity(alert.threshold, metric?.unit),
          })}
      </td>
      <td>{alert.ended && endings[alert.ended]()}</td>
      <td>{alert.deliveries.length === 0 ? m.alert_nobody() : <Told deliveries={alert.deliveries} />}</td>
    </tr>
  );
}
