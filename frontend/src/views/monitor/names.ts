import { m } from "@/messages/gen/messages.js";

// Words for what the log tells in codes. An older page shows a newer box's
// codes as they are.

const routes: Readonly<Record<string, () => string>> = {
  chat: m.route_chat,
  draft: m.route_draft,
  "v1/chat/completions": m.route_api,
  check: m.route_check,
};
const statuses: Readonly<Record<string, () => string>> = {
  done: m.status_done,
  stopped: m.status_stopped,
  failed: m.status_failed,
};
const classes: Readonly<Record<string, () => string>> = {
  interactive: m.class_interactive,
  api: m.route_api,
  batch: m.class_batch,
};
const persons: Readonly<Record<string, () => string>> = { page: m.who_page, "house check": m.route_check };

export const routeName = (route: string) => routes[route]?.() ?? route;
export const statusName = (status: string) => statuses[status]?.() ?? status;
export const className = (name: string) => classes[name]?.() ?? name;
export const whoName = (who: string) => persons[who]?.() ?? who;

// Drafts are no answers: they are counted, and not in the log.
export const knownRoutes = Object.keys(routes).filter((route) => route !== "draft");
export const knownStatuses = Object.keys(statuses);
export const knownClasses = Object.keys(classes);
