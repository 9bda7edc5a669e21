import { describe, expect, it } from "vitest";
import type { ConnectionOptions } from "@/api/connection";
import type { ServerEvent } from "@/api/events";
import { shareEvents } from "@/api/shared";

// A browser with tabs: one lock, one channel, and the streams that were opened.
function makeBrowser() {
  const queue: (() => Promise<void>)[] = [];
  let held = false;
  const next = () => {
    const run = held ? undefined : queue.shift();
    if (!run) return;
    held = true;
    void run().then(() => {
      held = false;
      next();
    });
  };
  const channels: { onmessage: ((event: MessageEvent) => void) | null }[] = [];
  const streams: { options: ConnectionOptions; closed: boolean }[] = [];

  function openTab() {
    const events: ServerEvent[] = [];
    const states: string[] = [];
    const channel = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage: (data: unknown) => {
        for (const other of channels) if (other !== channel) other.onmessage?.({ data } as MessageEvent);
      },
      close: () => channels.splice(channels.indexOf(channel), 1),
    };
    channels.push(channel);
    const locks = {
      request: (_name: string, _options: unknown, run: () => Promise<void>) => {
        queue.push(run);
        next();
        return Promise.resolve();
      },
    };
    const shared = shareEvents({
      onEvent: (event) => events.push(event),
      onState: (state) => states.push(state),
      channel: channel as unknown as BroadcastChannel,
      locks: locks as unknown as LockManager,
      open: (options) => {
        const stream = { options, closed: false };
        streams.push(stream);
        return {
          close: () => {
            stream.closed = true;
          },
        };
      },
    });
    return { events, states, close: shared.close };
  }
  return { openTab, streams };
}

const reset = (seq: number): ServerEvent => ({ type: "reset", seq, first: seq });
const types = (events: readonly ServerEvent[]) => events.map((event) => event.type);

describe("tabs of one browser", () => {
  it("open one stream, and all get each event", () => {
    const browser = makeBrowser();
    const tabs = Array.from({ length: 12 }, browser.openTab);
    expect(browser.streams.length).toBe(1);
    browser.streams[0]?.options.onState("open");
    browser.streams[0]?.options.onEvent({ type: "hello", seq: 5, first: 5, instance: "i" });
    browser.streams[0]?.options.onEvent(reset(6));
    for (const tab of tabs) {
      expect(types(tab.events)).toEqual(["hello", "reset", "reset"]);
      expect(tab.states.at(-1)).toBe("open");
    }
  });

  it("pass the stream on when the leader closes, from the last number", async () => {
    const browser = makeBrowser();
    const [first, second] = [browser.openTab(), browser.openTab()];
    browser.streams[0]?.options.onEvent(reset(8));
    first.close();
    await Promise.resolve();
    await Promise.resolve();
    expect(browser.streams[0]?.closed).toBe(true);
    expect(browser.streams.length).toBe(2);
    expect(browser.streams[1]?.options.after).toBe(8);
    browser.streams[1]?.options.onEvent(reset(9));
    expect(second.events.at(-1)?.seq).toBe(9);
  });

  it("tell a tab that comes later how the stream is", () => {
    const browser = makeBrowser();
    browser.openTab();
    browser.streams[0]?.options.onState("open");
    expect(browser.openTab().states).toEqual(["open"]);
  });

  it("read again what is shown when the stream began without a number", () => {
    const browser = makeBrowser();
    const tab = browser.openTab();
    browser.streams[0]?.options.onEvent({ type: "hello", seq: 5, first: 5, instance: "i" });
    browser.streams[0]?.options.onEvent({ type: "conversation.deleted", seq: 6, first: 6, id: "c" });
    expect(types(tab.events)).toEqual(["hello", "reset", "conversation.deleted"]);
  });

  it("have a stream each where the browser cannot share", () => {
    let opened = 0;
    for (let i = 0; i < 2; i++) {
      shareEvents({
        onEvent: () => undefined,
        onState: () => undefined,
        channel: undefined,
        locks: undefined,
        open: () => {
          opened++;
          return { close: () => undefined };
        },
      });
    }
    expect(opened).toBe(2);
  });
});
