import { type Connection, connect, type StreamState } from "./connection";
import type { ServerEvent } from "./events";

// All tabs of a browser share one event stream: browsers allow six connections
// to a host over HTTP/1.1, and the seventh tab would never load. The tab that
// holds the lock leads: it owns the stream and passes each event on. When it
// closes, the browser gives the lock to the next tab, which goes on from the
// last number that it has seen.

type Passed =
  | { readonly kind: "event"; readonly event: ServerEvent }
  | { readonly kind: "state"; readonly state: StreamState }
  // A new tab asks the leader how things are.
  | { readonly kind: "ask" };

export interface SharedOptions {
  readonly onEvent: (event: ServerEvent) => void;
  readonly onState: (state: StreamState) => void;
  readonly onLead?: () => void;
  // Replaceable for tests; undefined parts mean that the browser has none.
  readonly locks?: Pick<LockManager, "request"> | undefined;
  readonly channel?: BroadcastChannel | undefined;
  readonly open?: typeof connect;
}

const name = "alcove.events";

export function shareEvents(options: SharedOptions): Connection {
  const locks = "locks" in options ? options.locks : navigator.locks;
  const channel =
    "channel" in options
      ? options.channel
      : typeof BroadcastChannel === "undefined"
        ? undefined
        : new BroadcastChannel(name);
  const open = options.open ?? connect;
  const stop = new AbortController();
  let seen: number | undefined;
  let leading = false;
  let state: StreamState = "connecting";

  const take = (event: ServerEvent) => {
    if (event.seq > 0) seen = event.seq;
    options.onEvent(event);
  };
  const setState = (next: StreamState) => {
    state = next;
    options.onState(next);
  };
  const pass = (message: Passed) => channel?.postMessage(message);

  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Passed>) => {
      if (data.kind === "ask") {
        if (leading) pass({ kind: "state", state });
      } else if (!leading) {
        if (data.kind === "event") take(data.event);
        else setState(data.state);
      }
    };
  }

  const lead = (): Promise<void> =>
    new Promise((resolve) => {
      leading = true;
      options.onLead?.();
      // Without a number to go on from, events may have come between what was
      // read and this stream's start: what is shown has to be read again.
      let gap = seen === undefined;
      const both = (event: ServerEvent) => {
        take(event);
        pass({ kind: "event", event });
      };
      const connection = open({
        after: seen,
        onEvent: (event) => {
          both(event);
          if (gap) both({ type: "reset", seq: event.seq, first: event.seq });
          gap = false;
        },
        onState: (next) => {
          setState(next);
          pass({ kind: "state", state: next });
        },
      });
      const end = () => {
        connection.close();
        resolve();
      };
      if (stop.signal.aborted) end();
      else stop.signal.addEventListener("abort", end, { once: true });
    });

  if (locks && channel) {
    locks.request(name, { signal: stop.signal }, lead).catch(() => {
      // Only an abort before the lock was given ends here.
    });
    pass({ kind: "ask" });
  } else {
    void lead();
  }

  return {
    close: () => {
      stop.abort();
      channel?.close();
    },
  };
}
