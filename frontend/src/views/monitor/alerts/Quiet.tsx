import type { AlertChannels } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import type { Part } from "./ChannelsForm";
import { Switch, TextField } from "./Switch";

export function Quiet({ form, change, wrong }: Part) {
  const quiet = form.quiet_hours;
  const set = (part: Partial<AlertChannels["quiet_hours"]>) => change({ quiet_hours: { ...quiet, ...part } });
  return (
    <div className="quiet-hours">
      <h4>{m.quiet_title()}</h4>
      <Switch label={m.quiet_on()} note={m.quiet_note()} on={quiet.enabled} onChange={(enabled) => set({ enabled })}>
        <TextField
          label={m.quiet_from()}
          type="time"
          value={quiet.from}
          wrong={wrong === "quiet_hours.from"}
          onChange={(from) => set({ from })}
        />
        <TextField
          label={m.quiet_to()}
          type="time"
          value={quiet.to}
          wrong={wrong === "quiet_hours.to"}
          onChange={(to) => set({ to })}
        />
        <label className="channel-switch is-wide">
          <input
            type="checkbox"
            checked={quiet.critical_too}
            onChange={(event) => set({ critical_too: event.target.checked })}
          />
          <span>{m.quiet_critical()}</span>
        </label>
      </Switch>
    </div>
  );
}
