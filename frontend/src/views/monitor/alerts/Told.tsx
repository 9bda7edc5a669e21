import type { Alert } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import type { Channel } from "@/state/alerts";

type Delivery = Alert["deliveries"][number];

export const channelNames: Record<Channel, () => string> = {
  desktop: m.channel_desktop,
  email: m.channel_email,
  webhook: m.channel_webhook,
  syslog: m.channel_syslog,
};

const outcomes: Record<Delivery["status"], (channel: { channel: string }) => string> = {
  sent: m.alert_sent,
  waiting: m.alert_waiting,
  held: m.alert_held,
  failed: m.alert_failed,
};

function told({ channel, status, error }: Delivery): string {
  const outcome = outcomes[status]({ channel: channelNames[channel]() });
  return error ? m.alert_why({ outcome, reason: error }) : outcome;
}

// Told says who was told of an alert, each channel by its newest notice.
export function Told({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  const newest = new Map(deliveries.map((one) => [one.channel, one]));
  if (newest.size === 0) return null;
  return (
    <ul className="told">
      {[...newest.values()].map((one) => (
        <li key={one.channel} data-status={one.status}>
          {told(one)}
        </li>
      ))}
    </ul>
  );
}
