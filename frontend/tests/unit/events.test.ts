import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Connection, connect } from "@/api/connection";
import { decode, type ServerEvent } from "@/api/events";

// What the real server sent for one question.
const captured = readFileSync("tests/unit/captured/turn.sse");

// stream gives the bytes in pieces of a size, and ends.
function stream(bytes: Uint8Array, size: number): Response {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
  return { ok: true, status: 200, body } as Response;
}

// follow connects until the server has been asked `times` times.
function follow(answers: ((path: string) => Response)[], after?: number) {
  const events: ServerEvent[] = [];
  const states: string[] = [];
  const paths: string[] = [];
  return new Promise<{ events: ServerEvent[]; states: string[]; paths: string[] }>((resolve) => {
    let connection: Connection;
    const finish = () => {
      connection.close();
      resolve({ events, states, paths });
    };
    connection = connect({
      after,
      onEvent: (event) => events.push(event),
      onState: (state) => {
        states.push(state);
        if (state === "refused") setTimeout(finish);
      },
      open: async (path) => {
        const answer = answers[paths.length];
        if (!answer) {
          setTimeout(finish);
          return new Promise<Response>(() => undefined);
        }
        paths.push(path);
        return answer(path);
      },
      wait: async () => undefined,
    });
  });
}

describe("the event stream", () => {
  it("decodes what the server sent, wherever the bytes are cut", async () => {
    for (const size of [1, 2, 3, 7, 64, 100_000]) {
      const { events } = await follow([() => stream(captured, size)]);
      expect(events.map((event) => event.type).filter((type) => type !== "engine.changed")).toEqual([
        "hello",
        "conversation.changed",
        "turn.started",
        "conversation.changed",
        "turn.stage",
        "turn.stage",
        "turn.stage",
        ...Array.from({ length: 7 }, () => "turn.delta"),
        "turn.done",
        "conversation.changed",
      ]);
      const text = events.map((event) => (event.type === "turn.delta" ? event.text : "")).join("");
      expect(text).toBe("The capital of France is Paris.");
      const started = events.find((event) => event.type === "turn.started");
      expect(started?.question.text).toBe("What is the capital of France? 🇫🇷");
    }
  });

  it("goes on from the last number after a break", async () => {
    const one = new TextEncoder().encode(
      'id: 41\nevent: turn.delta\ndata: {"turn_id":"t","conversation_id":"c","message_id":"m","text":"a"}\n\n',
    );
    const { paths, states } = await follow([() => stream(one, 9), () => stream(new Uint8Array(), 1)]);
    expect(paths).toEqual(["/api/v1/events", "/api/v1/events?after=41"]);
    expect(states.slice(0, 4)).toEqual(["connecting", "open", "lost", "connecting"]);
  });

  it("says what a joined delta covers", async () => {
    const text = [
      'id: 10\nevent: hello\ndata: {"seq":10,"instance":"i"}',
      'id: 14\nevent: turn.delta\ndata: {"turn_id":"t","conversation_id":"c","message_id":"m","text":"abcd"}',
      'id: 15\nevent: turn.delta\ndata: {"turn_id":"t","conversation_id":"c","message_id":"m","text":"e"}',
    ].join("\n\n");
    const { events } = await follow([() => stream(new TextEncoder().encode(`${text}\n\n`), 50)], 10);
    expect(events.map(({ first, seq }) => [first, seq])).toEqual([
      [10, 10],
      [11, 14],
      [15, 15],
    ]);
  });

  it("stops asking when it is not signed in", async () => {
    const { paths, states } = await follow([() => ({ ok: false, status: 401, body: null }) as Response]);
    expect(paths.length).toBe(1);
    expect(states).toEqual(["connecting", "refused"]);
  });
});

describe("decode", () => {
  it.each([
    ["an unknown type", { event: "turn.sung", data: "{}" }],
    ["no type", { data: "{}" }],
    ["a name of Object", { event: "constructor", data: "{}" }],
    ["no JSON", { event: "reset", data: "{" }],
    ["a list", { event: "turn.delta", data: "[]" }],
    ["null", { event: "reset", data: "null" }],
    ["a missing field", { event: "turn.delta", data: '{"turn_id":"t","conversation_id":"c","message_id":"m"}' }],
  ])("gives null for %s", (_, frame) => {
    expect(decode(frame)).toBeNull();
  });

  it("takes the number from the id, else from the data", () => {
    expect(decode({ event: "reset", id: "7", data: '{"seq":9}' })?.seq).toBe(7);
    expect(decode({ event: "reset", data: '{"seq":9}' })?.seq).toBe(9);
    expect(decode({ event: "reset", id: "x", data: "{}" })?.seq).toBe(0);
  });
});
