import type { AlertChannels } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import type { Part } from "./ChannelsForm";
import { Secret } from "./Secret";
import { Switch, TextField } from "./Switch";
import { TestButton } from "./TestButton";

type Fields = AlertChannels["email"];

const ports: Record<Fields["security"], number> = { starttls: 587, tls: 465, none: 25 };

export function Email({ form, change, wrong, test }: Part) {
  const { email } = form;
  const set = (part: Partial<Fields>) => change({ email: { ...email, ...part } });
  const choose = (security: Fields["security"]) => {
    const usual = Object.values(ports).includes(email.port);
    set({ security, ...(usual && { port: ports[security] }) });
  };
  return (
    <Switch label={m.channel_email_on()} on={email.enabled} onChange={(enabled) => set({ enabled })}>
      <TextField
        label={m.email_server()}
        value={email.server}
        wrong={wrong === "email.server"}
        onChange={(server) => set({ server: server.trim() })}
      />
      <label className="form-field">
        <span>{m.email_security()}</span>
        <select
          className="field"
          value={email.security}
          aria-invalid={wrong === "email.security"}
          onChange={(event) => choose(event.target.value as Fields["security"])}
        >
          <option value="starttls">{m.email_starttls()}</option>
          <option value="tls">{m.email_tls()}</option>
          <option value="none">{m.email_plain()}</option>
        </select>
      </label>
      <TextField
        label={m.email_port()}
        type="number"
        value={email.port || ""}
        wrong={wrong === "email.port"}
        onChange={(port) => set({ port: Math.trunc(Number(port)) || 0 })}
      />
      <TextField
        label={m.email_user()}
        autoComplete="off"
        value={email.user}
        wrong={wrong === "email.user"}
        onChange={(user) => set({ user })}
      />
      <Secret
        label={m.email_password()}
        kept={email.password_set ?? false}
        value={email.password}
        wrong={wrong === "email.password"}
        onChange={(password) => set({ password })}
      />
      <TextField
        label={m.email_from()}
        value={email.from}
        wrong={wrong === "email.from"}
        onChange={(from) => set({ from: from.trim() })}
      />
      <label className="form-field is-wide">
        <span>{m.email_to()}</span>
        <textarea
          className="field resize-y py-2"
          rows={2}
          value={email.to.join("\n")}
          aria-invalid={wrong === "email.to"}
          onChange={(event) => set({ to: event.target.value.split("\n").map((line) => line.trim()) })}
        />
      </label>
      <TestButton channel="email" test={test} />
    </Switch>
  );
}
