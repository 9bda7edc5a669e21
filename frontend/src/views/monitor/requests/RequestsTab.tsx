import { m } from "@/messages/gen/messages.js";

export default function RequestsTab() {
  return <p role="status">{m.monitor_nothing()}</p>;
}
