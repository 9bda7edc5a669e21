// A small stand-in for the box, for states that the real one reaches rarely:
// queues, loading, a failed answer. Tests only; it is never shipped. It keeps
// docs/contracts.md's shapes and the real page policy.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answerAlerts, quietBox } from "./alerts.mjs";
import { answerDocuments } from "./documents.mjs";
import { answerMonitor, testView } from "./monitor.mjs";
import { answerOperate, nothingMeasured, shippedPrices } from "./operate.mjs";
import { begin, publish, write } from "./turns.mjs";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export async function startFake({
  signedIn = true,
  models = [testModel],
  status = readyStatus,
  facts = plainFacts,
  more = {},
} = {}) {
  const box = {
    signedIn,
    models,
    status,
    facts,
    conversations: new Map(),
    deleted: new Map(),
    messages: new Map(),
    settings: {},
    drafts: [],
    streams: new Set(),
    turns: new Map(),
    ring: [],
    seq: 1000,
    broken: new Set(),
    // Of monitor.mjs.
    attention: [],
    requests: [],
    history: true,
    machine: {},
    engine: {},
    view: testView,
    alerts: quietBox(),
    capacity: nothingMeasured(),
    prices: shippedPrices(),
    ...more,
  };
  const server = createServer((request, response) => {
    handle(box, request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  const cut = () => {
    for (const stream of box.streams) stream.destroy();
  };
  const close = () =>
    new Promise((resolve) => {
      cut();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { base, box, cut, close, publish: (type, data) => publish(box, type, data) };
}

// fits is what the box says of a model's memory.
export function fits(verdict, need, usable, free) {
  return { verdict, because: "It runs on the CPU.", need, usable, free, devices: [] };
}

const testModel = {
  id: "smollm2-135m",
  name: "SmolLM2 135M Instruct",
  state: "loaded",
  default: true,
  test: true,
  size_bytes: 98e6,
  parameters: "135M",
  context: 8192,
  slots: 8,
  device: "CPU",
  fit: fits("fits", 4e8, 2e10, 2.2e10),
};
const plainFacts = { cpu: { name: "A processor", cores: 8, logical: 16 }, memory: { total: 3.2e10 } };
const readyStatus = {
  model: "smollm2-135m",
  ready: true,
  device: "CPU (haswell)",
  library: "v0.5.0",
  restarts: 0,
  active: 0,
  queued: 0,
  loaded: [],
};

async function handle(box, request, response) {
  const url = new URL(request.url, "http://box");
  let body = "";
  for await (const chunk of request) body += chunk;
  const json = body && request.headers["content-type"] !== "application/octet-stream" ? JSON.parse(body) : {};
  const send = (status, value) => {
    response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
    response.end(value === undefined ? undefined : JSON.stringify(value));
  };
  const refuse = (status, code, detail) => send(status, { type: "about:blank", title: code, status, code, detail });
  if (!url.pathname.startsWith("/api/")) return page(url.pathname, response);
  const key = `${request.method} ${url.pathname.replace("/api/v1/", "").replace(/[0-9a-f-]{36}/, ":id")}`;
  const id = /[0-9a-f-]{36}/.exec(url.pathname)?.[0];
  if (box.broken.has(key))
    return refuse(
      500,
      "internal",
      "Something went wrong inside Alcove. What was saved is kept. The log has the details.",
    );
  if (key === "GET session")
    return send(200, { signed_in: box.signedIn, user: "owner", version: "test", instance: "fake" });
  if (key === "POST session") {
    if (json.token !== "good-token")
      return refuse(
        401,
        "signin_invalid",
        "This sign-in link was used already or is older than ten minutes. Run `alcove link` for a new one.",
      );
    box.signedIn = true;
    return send(204);
  }
  if (!box.signedIn) return refuse(401, "unauthorized", "Sign in first.");
  const path = url.pathname.replace("/api/v1/", "");
  const ready =
    answerAlerts(box, request.method, path, json) ??
    answerOperate(box, request.method, path, url.searchParams, json) ??
    answerDocuments(box, request.method, path, url.searchParams, json, body);
  if (ready) return send(ready.status, ready.body);
  if (request.method === "GET") {
    const told = answerMonitor(box, url.pathname.replace("/api/v1/", ""), url.searchParams);
    if (typeof told === "string") return file(response, told);
    if (told) return send(200, told);
  }
  const conversation = box.conversations.get(id);
  switch (key) {
    case "DELETE session":
      box.signedIn = false;
      return send(204);
    case "GET events":
      return follow(box, url, request, response);
    case "GET models":
      return send(200, { models: box.models, status: box.status });
    case "GET hardware":
      return send(200, { facts: box.facts, status: box.status });
    case "GET settings":
      return send(200, { settings: box.settings });
    case "PATCH settings":
      Object.assign(box.settings, json);
      return send(200, { settings: box.settings });
    case "GET conversations":
      return send(200, {
        conversations: [...box.conversations.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at)),
        next: "",
      });
    case "POST conversations": {
      const old = box.conversations.get(json.id);
      if (old) return send(200, old);
      const now = new Date().toISOString();
      const made = { id: json.id ?? randomUUID(), title: "", created_at: now, updated_at: now };
      box.conversations.set(made.id, made);
      publish(box, "conversation.changed", { conversation: made });
      return send(201, made);
    }
    case "GET search": {
      const q = url.searchParams.get("q").toLowerCase();
      const hits = [...box.conversations.values()].filter((one) => one.title.toLowerCase().includes(q));
      return send(200, {
        hits: hits.map((one) => ({
          conversation: one,
          snippet: one.title.replace(new RegExp(q.replace(/\W/g, "\\$&"), "i"), "\u0001$&\u0002"),
        })),
      });
    }
    case "POST conversations/:id/restore": {
      const back = box.deleted.get(id);
      if (!back) return refuse(404, "conversation_not_found", "This conversation does not exist, or it was deleted.");
      box.conversations.set(id, back);
      return send(200, back);
    }
    case "POST turns/:id/stop":
      box.turns.get(id)?.abort();
      return send(204);
    case "PUT conversations/:id/draft":
      box.drafts.push({ conversation: id, ...json });
      return send(204);
    case "GET messages/:id":
      return send(200, box.messages.get(id));
    case "POST messages/:id/regenerate": {
      const old = box.messages.get(id);
      return send(202, begin(box, box.messages.get(old.parent_id)));
    }
  }
  if (!conversation)
    return refuse(404, "conversation_not_found", "This conversation does not exist, or it was deleted.");
  switch (key) {
    case "GET conversations/:id":
      return send(200, {
        conversation,
        messages: [...box.messages.values()].filter((one) => one.conversation_id === id),
      });
    case "PATCH conversations/:id":
      Object.assign(conversation, json);
      publish(box, "conversation.changed", { conversation });
      return send(200, conversation);
    case "DELETE conversations/:id":
      box.deleted.set(id, conversation);
      box.conversations.delete(id);
      publish(box, "conversation.deleted", { id });
      return send(204);
    case "POST conversations/:id/messages": {
      if (json.text === "refuse")
        return refuse(
          400,
          "context_full",
          "This conversation is longer than the model can take. Nothing was cut or lost. Start a new conversation.",
        );
      const known = box.messages.get(json.id);
      const question = known ?? {
        id: json.id,
        conversation_id: id,
        parent_id: json.parent_id ?? null,
        role: "user",
        status: "done",
        text: json.text,
        created_at: new Date().toISOString(),
      };
      if (!known) {
        box.messages.set(question.id, question);
        conversation.title ||= json.text.slice(0, 60);
        conversation.updated_at = question.created_at;
      }
      conversation.collection = json.collection ?? conversation.collection;
      return send(202, begin(box, question));
    }
  }
  refuse(404, "not_found", "There is nothing at this address.");
}

function file(response, text) {
  response.writeHead(200, { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": "attachment" });
  response.end(text);
}

function follow(box, url, request, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const after = Number(url.searchParams.get("after") || box.seq);
  write(response, { seq: after, type: "hello", data: { seq: after, instance: "fake" } });
  for (const event of box.ring) if (event.seq > after) write(response, event);
  box.streams.add(response);
  request.on("close", () => box.streams.delete(response));
}

async function page(path, response) {
  const name = normalize(path === "/" ? "index.html" : path).replace(/^[/.]+/, "");
  try {
    const content = await readFile(join(dist, name));
    response.writeHead(200, {
      "Content-Type": types[extname(name)] ?? "application/octet-stream",
      "Content-Security-Policy": policy,
    });
    response.end(content);
  } catch {
    response.writeHead(404);
    response.end();
  }
}
