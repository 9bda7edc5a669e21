import "../../monitor.css";
import "../../charts.css";
import "../../devices.css";
import { lazy } from "react";
import { Link } from "wouter";
import { m } from "@/messages/gen/messages.js";
import { Later } from "@/parts/Later";

// Each tab is an address and a file of its own: the back button works, and what
// nobody looks at is not loaded.
const tabs = [
  { name: "live", title: m.monitor_live, Tab: lazy(() => import("./live/LiveTab")) },
  { name: "requests", title: m.monitor_requests, Tab: lazy(() => import("./requests/RequestsTab")) },
  { name: "alerts", title: m.monitor_alerts, Tab: lazy(() => import("./alerts/AlertsTab")) },
  { name: "capacity", title: m.monitor_capacity, Tab: lazy(() => import("./capacity/CapacityTab")) },
  { name: "cost", title: m.monitor_cost, Tab: lazy(() => import("./cost/CostTab")) },
] as const;

// An address that names no tab shows the first one.
export default function MonitorPage({ tab }: { readonly tab: string | undefined }) {
  const shown = tabs.find(({ name }) => name === tab) ?? tabs[0];
  return (
    <main className="monitor" aria-labelledby="monitor-title">
      <div className="monitor-column">
        <header className="monitor-head">
          <h2 id="monitor-title">{m.monitor()}</h2>
          <nav aria-label={m.monitor_tabs()} className="monitor-tabs">
            {tabs.map(({ name, title }) => (
              <Link
                key={name}
                href={name === "live" ? "/monitor" : `/monitor/${name}`}
                aria-current={name === shown.name ? "page" : undefined}
              >
                {title()}
              </Link>
            ))}
          </nav>
        </header>
        {/* A key: a tab that failed to load says nothing about the next one. */}
        <Later key={shown.name}>
          <shown.Tab />
        </Later>
      </div>
    </main>
  );
}
