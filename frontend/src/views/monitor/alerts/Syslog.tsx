import type { AlertChannels } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import type { Part } from "./ChannelsForm";
import { Switch, TextField } from "./Switch";
import { TestButton } from "./TestButton";

type Fields = AlertChannels["syslog"];

export function Syslog({ form, change, wrong, test }: Part) {
  const { syslog } = form;
  const set = (part: Partial<Fields>) => change({ syslog: { ...syslog, ...part } });
  return (
    <Switch label={m.channel_syslog_on()} on={syslog.enabled} onChange={(enabled) => set({ enabled })}>
      <label className="form-field">
        <span>{m.syslog_network()}</span>
        <select
          className="field"
          value={syslog.network}
          onChange={(event) => set({ network: event.target.value as Fields["network"], address: "" })}
        >
          <option value="local">{m.syslog_local()}</option>
          <option value="udp">{m.syslog_udp()}</option>
          <option value="tcp">{m.syslog_tcp()}</option>
        </select>
      </label>
      <TextField
        label={syslog.network === "local" ? m.syslog_socket() : m.syslog_address()}
        value={syslog.address}
        wrong={wrong === "syslog.address"}
        onChange={(address) => set({ address: address.trim() })}
      />
      <TestButton channel="syslog" test={test} />
    </Switch>
  );
}
