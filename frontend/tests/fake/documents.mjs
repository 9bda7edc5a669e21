// The fake box's documents: docs/contracts.md, "Documents". Without
// box.documents it is a box of before them, which answers 404.
import { randomUUID } from "node:crypto";
import { answerDesk, compared } from "./desk.mjs";
import { answerText, blocks, grounding, sources } from "./handbook.mjs";
import { publish } from "./turns.mjs";

const ok = (body, status = 200) => ({ status, body });
const missing = (code, detail) => ({
  status: 404,
  body: { type: "about:blank", title: code, status: 404, code, detail },
});

// answerDocuments gives a response, or null where the path is not of documents.
export function answerDocuments(box, method, path, query, json, text) {
  const [first, id, more, last] = path.split("/").map(decodeURIComponent);
  const { documents: held } = box;
  if (first === "search" && query.get("collection") && held) return ok(found(query.get("q")));
  const told = held?.desk && answerDesk(box, held.desk, method, path, query, json);
  if (told) return told;
  if (first !== "collections" && first !== "documents") return null;
  if (!held) return missing("not_found", "There is nothing at this address.");
  if (first === "documents") return ofDocument(box, held, method, id, more, query, json, text);
  return ofCollection(box, held, method, id, more, last, json);
}

function found(q) {
  const refused = /moon/.test(q);
  return {
    hits: [],
    passages: refused ? sources.slice(1, 2) : sources,
    terms: ["parental", "leave"],
    times: { text_ms: 1.2, embed_ms: 8.4, vector_ms: 0.3, total_ms: 10.1 },
    grounding: grounding(refused ? "refused" : "answered"),
  };
}

function ofCollection(box, held, method, id, more, last, json) {
  const { collections, folders } = held;
  if (!id && method === "GET") return ok({ collections: [...collections.values()] });
  if (!id) {
    const made = { documents: 0, ready: 0, waiting: 0, failed: 0, flagged: 0, ...json };
    if (collections.has(json.id)) {
      const detail = "There is a collection of this name already. Choose another one.";
      return { status: 409, body: { status: 409, code: "collection_exists", title: "x", detail } };
    }
    collections.set(made.id, made);
    return ok(made, 201);
  }
  const one = collections.get(id);
  if (!one) return missing("collection_not_found", "This collection does not exist, or it was deleted.");
  if (more === "folders") {
    if (method === "GET") return ok({ folders: id === "hr" ? folders : [] });
    held.folders = folders.filter((folder) => folder.id !== last);
    return ok(undefined, 204);
  }
  if (more === "pause" || more === "resume") json = { paused: more === "pause" };
  if (method === "DELETE") {
    collections.delete(id);
    publish(box, "collection.deleted", { id });
    return ok(undefined, 204);
  }
  Object.assign(one, json);
  publish(box, "collection.changed", { collection: one });
  return ok(one);
}

function ofDocument(box, held, method, id, more, query, json, text) {
  const { documents, collections } = held;
  if (!id && method === "GET") {
    const fits = (one) =>
      one.collection_id === query.get("collection") &&
      (!query.get("state") || one.state === query.get("state")) &&
      one.name.includes(query.get("q") ?? "");
    return ok({ documents: [...documents.values()].filter(fits), next: "" });
  }
  if (!id) {
    const made = {
      id: randomUUID(),
      collection_id: query.get("collection"),
      name: query.get("name"),
      state: "waiting",
      progress: 0,
      size: text.length,
      flags: [],
      created_at: new Date().toISOString(),
    };
    documents.set(made.id, made);
    const collection = collections.get(made.collection_id);
    collection.documents++;
    publish(box, "document.changed", { document: made });
    publish(box, "collection.changed", { collection });
    return ok(made, 202);
  }
  const one = documents.get(id);
  if (!one) return missing("document_not_found", "This document was removed.");
  if (more === "diff") return ok({ changes: compared });
  if (!more && method === "GET") return ok(one);
  if (more === "text") {
    const at = { c1: 3, c2: 3 }[query.get("chunk")];
    return ok({ document: one, blocks, ...(at && { chunk: { id: query.get("chunk"), from: at, to: at, page: 12 } }) });
  }
  if (method === "DELETE") {
    documents.delete(id);
    publish(box, "document.deleted", { id, collection: one.collection_id });
    return ok(undefined, 204);
  }
  if (more === "retry") json = { state: "waiting", reason_text: "" };
  if (more === "cancel") json = { state: "cancelled" };
  Object.assign(one, json);
  publish(box, "document.changed", { document: one });
  return ok(one);
}

// given is an approved answer in HR's own words.
function given(source) {
  const text = "Yes, up to 20 days a year within the European Union. Tell HR four weeks before [1][2].";
  const hr = { ...source, chunk_id: "c4", document: "a1.md", title: "May I work from abroad?", page: 0, effective: "" };
  const approved = { id: "a1", by: "J. Weber, HR", on: "2026-11-26", given: true };
  return {
    refused: true,
    text,
    sources: [
      { ...hr, n: 1, approved: true, cited: true, quote: text, text, score: 1, version: "", ranks: undefined },
      { ...source, n: 2, cited: true, score: 1, ranks: undefined, signals: undefined },
    ],
    grounding: { ...grounding("answered"), score: 1, approved },
  };
}

// grounded is how a question about documents is answered: what was found first.
export function grounded(question) {
  if (/moon/.test(question.text)) {
    const text = "The documents don't say. Ask Maria in HR, room 204.";
    return { refused: true, text, sources: sources.slice(1, 2), grounding: grounding("refused") };
  }
  if (/from abroad/.test(question.text)) return given(sources[0]);
  const cited = sources.map((one) => ({ ...one, cited: one.n < 3 }));
  const slow = /slow/.test(question.text);
  return {
    text: answerText,
    sources,
    grounding: grounding("answered"),
    slow,
    end: { sources: cited, grounding: grounding("answered", true) },
  };
}
