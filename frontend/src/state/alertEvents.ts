import { inWindow, tellWindow } from "@/api/desktop";
import { kioskOf } from "@/api/transport";
import type { Alert, AlertBoard, AlertNotice } from "@/api/types";
import { keys, queries } from "./client";
import { getState, notify } from "./store";

// What the events say of alerts.

const ranks: Record<Alert["severity"], number> = { critical: 0, warning: 1 };

// withAlert puts an alert where it belongs now: among what fires, worst first,
// or on top of the history.
export function withAlert(board: AlertBoard, alert: Alert): AlertBoard {
  const others = (list: readonly Alert[]) => list.filter((one) => one.id !== alert.id);
  if (alert.resolved_at) {
    const at = board.history.findIndex((one) => one.id === alert.id);
    const history =
      at < 0 ? [alert, ...board.history] : board.history.map((one) => (one.id === alert.id ? alert : one));
    return { ...board, firing: others(board.firing), history };
  }
  const firing = [...others(board.firing), alert].sort(
    (a, b) => ranks[a.severity] - ranks[b.severity] || a.fired_at.localeCompare(b.fired_at),
  );
  return { ...board, firing };
}

// Alerts that this page has said already.
const said = new Set<string>();
const freshMs = 60_000;

// alertChanged takes an alert into the page. A new one is said at once,
// wherever the person is.
export function alertChanged(alert: Alert): void {
  queries.setQueryData<AlertBoard>(keys.alerts, (board) => board && withAlert(board, alert));
  // A kiosk's guests can do nothing about the box.
  if (alert.resolved_at || said.has(alert.id) || kioskOf()) return;
  said.add(alert.id);
  // By the box's own clock: an old alert comes again when somebody is told of it.
  const now = Date.parse(getState().machine?.at ?? "") || Date.now();
  if (now - Date.parse(alert.fired_at) < freshMs) {
    notify({
      text: `${alert.title}. ${alert.text}`,
      tone: alert.severity === "critical" ? "bad" : "plain",
      ms: 12_000,
    });
  }
}

// alertTold shows a notice on the desktop: by the window around the page, or by
// the browser where the person has allowed that.
export function alertTold(notice: AlertNotice): void {
  if (kioskOf()) return;
  if (inWindow()) tellWindow("alert", notice.delivery, notice.title, notice.text);
  else if (mayNotify() === "granted") {
    try {
      // Every tab does this; the same tag makes it one.
      new Notification(notice.title, { body: notice.text, tag: notice.delivery });
    } catch {
      // Browsers of phones have the name and no such constructor. The page says it anyway.
    }
  }
}

// mayNotify says whether this browser shows notifications: "window" when that
// is the window's matter, "no" where there are none.
export function mayNotify(): NotificationPermission | "window" | "no" {
  if (inWindow()) return "window";
  return typeof Notification === "undefined" ? "no" : Notification.permission;
}
