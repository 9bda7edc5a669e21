import { m } from "@/messages/gen/messages.js";

export default function AlertsTab() {
  return <p role="status">{m.monitor_nothing()}</p>;
}
