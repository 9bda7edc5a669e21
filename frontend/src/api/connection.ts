import { createParser } from "eventsource-parser";
import { decode, type ServerEvent } from "./events";
import { send } from "./transport";

// connecting: not there yet. open: events flow. lost: waiting to try again.
// refused: not signed in; nothing is tried again.
export type StreamState = "connecting" | "open" | "lost" | "refused";

export interface Connection {
  close(): void;
}

export interface ConnectionOptions {
  // Sequence number to go on from; undefined: only what comes.
  readonly after: number | undefined;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onState: (state: StreamState) => void;
  // Replaceable for tests.
  readonly open?: (path: string, signal: AbortSignal) => Promise<Response>;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

// The server sends a comment every 15 s. Two missing ones and some slack mean
// that the connection is dead although nobody said so (sleep, dead network).
const silenceMs = 40_000;
const firstWaitMs = 500;
const longestWaitMs = 10_000;

// backoff doubles from half a second to ten seconds; the random part keeps the
// browsers of a whole office from coming back in one moment.
export function backoff(attempt: number, random: number): number {
  const full = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.75 + 0.25 * random));
}

// connect holds one event stream open, whatever happens, until close. After a
// break it goes on from the last sequence number seen, so nothing is lost or
// doubled within the server's ring.
export function connect(options: ConnectionOptions): Connection {
  const stop = new AbortController();
  void run(options, stop.signal);
  return { close: () => stop.abort() };
}

async function run(options: ConnectionOptions, stop: AbortSignal): Promise<void> {
  const wait = options.wait ?? pause;
  let after = options.after;
  let attempt = 0;
  while (!stop.aborted) {
    options.onState("connecting");
    const outcome = await readOnce(options, after, stop, (event) => {
      if (stop.aborted) return;
      attempt = 0;
      // Numbers come without gaps, so an event covers all since the last one.
      const first = after !== undefined && event.seq > after ? after + 1 : event.seq;
      if (event.seq > 0) after = event.seq;
      options.onEvent({ ...event, first });
    });
    if (stop.aborted) return;
    if (outcome === "refused") {
      options.onState("refused");
      return;
    }
    options.onState("lost");
    await wait(backoff(attempt++, Math.random()), stop);
  }
}

async function readOnce(
  options: ConnectionOptions,
  after: number | undefined,
  stop: AbortSignal,
  deliver: (event: ServerEvent) => void,
): Promise<"ended" | "refused"> {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  stop.addEventListener("abort", abort, { once: true });
  let silence = setTimeout(abort, silenceMs);
  try {
    const open = options.open ?? ((path, signal) => send(path, { signal, headers: { Accept: "text/event-stream" } }));
    const path = after === undefined ? "/api/v1/events" : `/api/v1/events?after=${after}`;
    const response = await open(path, attempt.signal);
    if (response.status === 401 || response.status === 403) return "refused";
    if (!response.ok || !response.body) return "ended";
    options.onState("open");
    const parser = createParser({
      onEvent: (frame) => {
        const event = decode(frame);
        if (event) deliver(event);
      },
    });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return "ended";
      clearTimeout(silence);
      silence = setTimeout(abort, silenceMs);
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } catch {
    return "ended";
  } finally {
    clearTimeout(silence);
    attempt.abort();
    stop.removeEventListener("abort", abort);
  }
}

// pause ends early when the network comes back or the tab is looked at again.
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      document.removeEventListener("visibilitychange", end);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener("online", end);
    document.addEventListener("visibilitychange", end);
    stop.addEventListener("abort", end);
  });
}
