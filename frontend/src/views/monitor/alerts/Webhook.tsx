import type { AlertChannels } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import type { Part } from "./ChannelsForm";
import { Secret } from "./Secret";
import { Switch, TextField } from "./Switch";
import { TestButton } from "./TestButton";

export function Webhook({ form, change, wrong, test }: Part) {
  const { webhook } = form;
  const set = (part: Partial<AlertChannels["webhook"]>) => change({ webhook: { ...webhook, ...part } });
  return (
    <Switch
      label={m.channel_webhook_on()}
      note={m.webhook_note()}
      on={webhook.enabled}
      onChange={(enabled) => set({ enabled })}
    >
      <TextField
        label={m.webhook_url()}
        type="url"
        wide
        value={webhook.url}
        wrong={wrong === "webhook.url"}
        onChange={(url) => set({ url: url.trim() })}
      />
      <Secret
        label={m.webhook_secret()}
        kept={webhook.secret_set ?? false}
        value={webhook.secret}
        wrong={wrong === "webhook.secret"}
        onChange={(secret) => set({ secret })}
      />
      <TestButton channel="webhook" test={test} />
    </Switch>
  );
}
