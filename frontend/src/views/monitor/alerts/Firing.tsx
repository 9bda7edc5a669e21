import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import type { Alert, AlertMetric } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { dateTime } from "@/state/numbers";
import { now } from "@/state/ruleForm";
import { Told } from "./Told";

export function Firing({
  alerts,
  metrics,
}: {
  readonly alerts: readonly Alert[];
  readonly metrics: readonly AlertMetric[];
}) {
  return (
    <section className="panel" aria-labelledby="firing-title">
      <h3 id="firing-title">{m.alerts_now()}</h3>
      {/* It is there before it has words: a change is then read out. The list
          has figures that change all the time and is not in it. */}
      <div role="status">
        {alerts.length === 0 ? (
          <p className="attention-well">
            <CircleCheck size={17} aria-hidden="true" />
            {m.alerts_none()}
          </p>
        ) : (
          <p className="sr-only">{alerts.map((alert) => `${severity(alert)}: ${alert.title}.`).join(" ")}</p>
        )}
      </div>
      {alerts.length > 0 && (
        <ul className="attention-list">
          {alerts.map((alert) => (
            <Row key={alert.id} alert={alert} metric={metrics.find((one) => one.name === alert.metric)} />
          ))}
        </ul>
      )}
    </section>
  );
}

const severity = (alert: Alert) => (alert.severity === "critical" ? m.severity_critical() : m.severity_warning());

function Row({ alert, metric }: { readonly alert: Alert; readonly metric: AlertMetric | undefined }) {
  const Icon = alert.severity === "critical" ? CircleAlert : TriangleAlert;
  return (
    <li className="attention-item" data-severity={alert.severity}>
      <Icon size={17} aria-hidden="true" />
      <div>
        <p className="attention-title">
          <span className="sr-only">{severity(alert)}: </span>
          {alert.title}
        </p>
        <p>{alert.text}</p>
        <p>{alert.advice}</p>
        <p className="attention-since">
          {m.attention_since({ when: dateTime(alert.fired_at) })}
          {metric && metric.unit !== "flag" && `, ${now(metric)}`}
        </p>
        <Told deliveries={alert.deliveries} />
      </div>
    </li>
  );
}
