import { useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { mayNotify } from "@/state/alertEvents";
import type { Part } from "./ChannelsForm";
import { Switch } from "./Switch";
import { TestButton } from "./TestButton";

export function Desktop({ form, change, test }: Part) {
  const [may, setMay] = useState(mayNotify);
  return (
    <Switch
      label={m.channel_desktop_on()}
      note={m.channel_desktop_note()}
      on={form.desktop.enabled}
      onChange={(enabled) => change({ desktop: { enabled } })}
    >
      {may === "default" && (
        // Browsers ask the person, and only after a click.
        <Button onClick={() => void Notification.requestPermission().then(setMay)}>{m.channel_desktop_allow()}</Button>
      )}
      {may === "granted" && <p className="panel-quiet">{m.channel_desktop_granted()}</p>}
      {may === "denied" && <p className="panel-quiet">{m.channel_desktop_denied()}</p>}
      {may === "no" && <p className="panel-quiet">{m.channel_desktop_none()}</p>}
      <TestButton channel="desktop" test={test} />
    </Switch>
  );
}
