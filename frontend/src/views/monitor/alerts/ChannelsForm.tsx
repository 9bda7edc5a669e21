import { useState } from "react";
import type { AlertChannels } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { type Channel, type Failed, saveChannels, testChannel } from "@/state/alerts";
import { Desktop } from "./Desktop";
import { Email } from "./Email";
import { Quiet } from "./Quiet";
import { Syslog } from "./Syslog";
import type { TestState } from "./TestButton";
import { Webhook } from "./Webhook";

// What a channel's fields get: what is edited, and how to change it.
export interface Part {
  readonly form: AlertChannels;
  readonly change: (part: Partial<AlertChannels>) => void;
  // The field that the box refused, "" for none.
  readonly wrong: string;
  readonly test: TestState;
}

export function ChannelsForm({ kept }: { readonly kept: AlertChannels }) {
  const [edited, setEdited] = useState<AlertChannels | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [saved, setSaved] = useState(false);
  const [tested, setTested] = useState<{ channel: Channel; busy: boolean; failed: Failed | null } | null>(null);
  const form = edited ?? kept;

  const save = async (): Promise<boolean> => {
    const wrong = await saveChannels(form);
    setFailed(wrong);
    setSaved(wrong === null);
    if (wrong === null) setEdited(null);
    return wrong === null;
  };
  // A test is of what the box has, so what was edited is saved first.
  const test = async (channel: Channel) => {
    setTested({ channel, busy: true, failed: null });
    if (edited !== null && !(await save())) {
      setTested(null);
      return;
    }
    setTested({ channel, busy: false, failed: await testChannel(channel) });
  };
  const part: Part = {
    form,
    change: (change) => {
      setEdited({ ...form, ...change });
      setSaved(false);
      setTested(null);
    },
    wrong: failed?.field ?? "",
    test: { unsaved: edited !== null, result: tested, run: (channel) => void test(channel) },
  };
  return (
    <section className="panel" aria-labelledby="channels-title">
      <h3 id="channels-title">{m.channels_title()}</h3>
      <p className="panel-quiet">{m.channels_text()}</p>
      <form
        noValidate
        className="channels"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Desktop {...part} />
        <Email {...part} />
        <Webhook {...part} />
        <Syslog {...part} />
        <Quiet {...part} />
        {failed && (
          <p role="alert" className="trouble">
            {failed.text}
          </p>
        )}
        <div className="form-end">
          <Button type="submit" look="solid" disabled={edited === null}>
            {m.save()}
          </Button>
          {edited !== null && (
            <Button
              look="quiet"
              onClick={() => {
                setEdited(null);
                setFailed(null);
              }}
            >
              {m.cancel()}
            </Button>
          )}
          <p role="status" className="panel-quiet">
            {edited !== null ? m.rules_unsaved() : saved ? m.rules_saved() : ""}
          </p>
        </div>
      </form>
    </section>
  );
}
