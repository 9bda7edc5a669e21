// How the fake box answers: events with numbers, and one turn at a time.
import { randomUUID } from "node:crypto";
import { grounded } from "./documents.mjs";
import { script } from "./script.mjs";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function publish(box, type, data) {
  const event = { seq: ++box.seq, type, data };
  box.ring.push(event);
  for (const stream of box.streams) write(stream, event);
  return event.seq;
}
export const write = (stream, { seq, type, data }) =>
  stream.write(`id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);

export function begin(box, question) {
  const turn = randomUUID();
  const answer = {
    id: randomUUID(),
    conversation_id: question.conversation_id,
    parent_id: question.id,
    role: "assistant",
    status: "writing",
    text: "",
    created_at: new Date().toISOString(),
    turn_id: turn,
  };
  box.messages.set(answer.id, answer);
  const stop = new AbortController();
  box.turns.set(turn, stop);
  publish(box, "conversation.changed", { conversation: box.conversations.get(question.conversation_id) });
  answer.seq = publish(box, "turn.started", {
    turn_id: turn,
    conversation_id: question.conversation_id,
    question,
    answer,
  });
  const asked = box.conversations.get(question.conversation_id)?.collection;
  void answerTo(box, turn, question, answer, stop.signal, asked ? grounded(question) : null);
  return { turn_id: turn, question, answer: { ...answer } };
}

const words = (text, ms) => (text.match(/\s*\S+/g) ?? []).map((word) => ({ text: word, ms }));

async function answerTo(box, turn, question, answer, stop, found) {
  const of = { turn_id: turn, conversation_id: question.conversation_id };
  const started = Date.now();
  let n = 0;
  if (found) {
    Object.assign(answer, { sources: found.sources, grounding: found.grounding });
    publish(box, "turn.sources", { ...of, message_id: answer.id, sources: found.sources, grounding: found.grounding });
  }
  if (found?.refused) {
    Object.assign(answer, { status: "done", text: found.text, seq: undefined });
    publish(box, "turn.done", { ...of, message: answer });
    return;
  }
  const steps = found
    ? [
        { stage: "prefill", done: 24, total: 480, ms: found.slow ? 60_000 : 5 },
        { stage: "decode" },
        ...words(found.text, 5),
      ]
    : script(question.text);
  for (const step of steps) {
    if (stop.aborted) break;
    if (step.stage) answer.seq = publish(box, "turn.stage", { ...of, message_id: answer.id, ...step });
    if (step.text) {
      answer.text += step.text;
      n++;
      answer.seq = publish(box, "turn.delta", { ...of, message_id: answer.id, text: step.text });
    }
    if (step.fail) {
      Object.assign(answer, { status: "failed", error: { code: "worker_failed", message: step.fail } });
      publish(box, "turn.failed", { ...of, message: answer });
      return;
    }
    await later(step.ms ?? 15);
  }
  const ms = Date.now() - started;
  answer.status = stop.aborted ? "stopped" : "done";
  answer.seq = undefined;
  answer.figures = {
    model: "smollm2-135m",
    device: "CPU (haswell)",
    prompt_tokens: 48,
    cached_tokens: 32,
    output_tokens: n,
    first_token_ms: 180,
    total_ms: ms,
    tokens_per_sec: (n * 1000) / ms,
    finish: stop.aborted ? "cancelled" : "stop",
    restarts: 0,
  };
  Object.assign(answer, found?.end);
  publish(box, "turn.done", { ...of, message: answer });
}
