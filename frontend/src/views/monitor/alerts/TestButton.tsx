import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import type { Channel, Failed } from "@/state/alerts";
import { channelNames } from "./Told";

export interface TestState {
  readonly unsaved: boolean;
  readonly result: { readonly channel: Channel; readonly busy: boolean; readonly failed: Failed | null } | null;
  readonly run: (channel: Channel) => void;
}

// TestButton sends a test message and says what became of it.
export function TestButton({ channel, test }: { readonly channel: Channel; readonly test: TestState }) {
  const mine = test.result?.channel === channel ? test.result : null;
  const name = { channel: channelNames[channel]() };
  const done = channel === "desktop" ? m.channel_tested_desktop() : m.channel_tested();
  return (
    <div className="channel-test">
      <Button disabled={test.result?.busy ?? false} onClick={() => test.run(channel)}>
        {test.unsaved ? m.channel_test_saves(name) : m.channel_test(name)}
      </Button>
      <p role="status" data-failed={Boolean(mine?.failed)}>
        {mine && (mine.busy ? m.channel_testing() : (mine.failed?.text ?? done))}
      </p>
    </div>
  );
}
