import { m } from "@/messages/gen/messages.js";

export default function CapacityTab() {
  return <p role="status">{m.monitor_nothing()}</p>;
}
