// The fake box's desk of HR: docs/contracts.md, "HR's desk".
import { randomUUID } from "node:crypto";
import { publish } from "./turns.mjs";

const ok = (body, status = 200) => ({ status, body });

export const approvedDocument = "d0000000-0000-4000-8000-000000000003";

const grounding = (part) => ({
  collection: "hr",
  decision: "refused",
  score: 0.22,
  threshold: 0.5,
  took_ms: 31,
  ...part,
});

const item = (part) => ({
  kind: "unanswered",
  state: "open",
  times: 1,
  asked_at: "2026-11-28T09:12:00.000Z",
  grounding: grounding(),
  ...part,
});

const question = (id, text, part = {}) => ({ id, question: text, expect: "answered", ...part });

const run = (part) => ({
  reason: "nightly",
  total: 3,
  passed: 3,
  broken: 0,
  started_at: "2026-11-28T02:00:00.000Z",
  ended_at: "2026-11-28T02:00:02.000Z",
  results: [],
  ...part,
});

const passed = (id, part) => ({ id, passed: true, broken: false, decision: "answered", score: 0.86, rank: 1, ...part });

export const compared = [
  {
    kind: "changed",
    heading: "Employee handbook > Leave",
    before: "Parental leave is 20 working days for each parent.",
    after: "Parental leave is 30 working days for each parent, paid in full.",
    page_before: 9,
    page_after: 12,
  },
  {
    kind: "added",
    heading: "Employee handbook > Leave",
    after: "It may be taken in two parts within three years of the birth.",
    page_after: 12,
  },
  {
    kind: "removed",
    heading: "Travel",
    before: "A <b>rental car</b> needs two signatures.",
    page_before: 14,
  },
];

export function desk() {
  return {
    ratings: [],
    items: [
      item({ ids: ["m1", "m2", "m3"], question: "May I bring my dog to the office?", times: 3 }),
      item({ ids: ["m4"], question: "Are dogs allowed on Fridays?", asked_at: "2026-11-27T15:40:00.000Z" }),
      item({
        ids: ["m5"],
        kind: "thumbs_down",
        question: "How long is parental leave for part-time staff with a very-long-compound-word-Elternzeitregelung?",
        notes: ["It says 30 days, but not for whom.", "Nothing about part-time."],
        grounding: grounding({ decision: "answered", score: 0.86 }),
      }),
      item({
        ids: ["m6"],
        kind: "low_score",
        question: "Who pays for my bicycle?",
        grounding: grounding({ decision: "answered", score: 0.53 }),
      }),
      item({ ids: ["m7"], state: "answered", question: "May I work from abroad?", answer_id: "a1" }),
      item({ ids: ["m8"], state: "dismissed", question: "What is the moon made of?" }),
    ],
    answers: [
      {
        id: "a1",
        collection: "hr",
        document_id: approvedDocument,
        question: "May I work from abroad?",
        answer: "Yes, up to 20 days a year within the European Union. Tell HR four weeks before.",
        effective: "2026-03-01",
        by: "J. Weber, HR",
        outdated: false,
        sources: [
          {
            chunk_id: "c1",
            document_id: "d1",
            document: "handbook-2026.pdf",
            page: 12,
            quote: "Work from abroad is agreed with HR.",
          },
        ],
        created_at: "2026-11-26T10:00:00.000Z",
        updated_at: "2026-11-26T10:00:00.000Z",
      },
      {
        id: "a2",
        collection: "hr",
        document_id: approvedDocument,
        question: "Who pays for the coffee?",
        answer: "The company does.",
        expires: "2026-06-30",
        outdated: true,
        created_at: "2025-11-26T10:00:00.000Z",
        updated_at: "2025-11-26T10:00:00.000Z",
      },
    ],
    questions: [
      question("q1", "How long is parental leave?", {
        sentence: "Parental leave is 30 working days for each parent, paid in full.",
        document: "handbook-2026.pdf",
      }),
      question("q2", "And for twins?", {
        context: ["How long is parental leave?"],
        sentence: "For twins it is 40 working days.",
        as_of: "2025-06-01",
      }),
      question("q3", "What is the moon made of?", { expect: "refused" }),
    ],
    shipped: false,
    writes: true,
    runs: [
      run({
        id: "r2",
        reason: "documents",
        passed: 2,
        broken: 1,
        started_at: "2026-11-28T08:30:00.000Z",
        ended_at: "2026-11-28T08:30:02.000Z",
        results: [
          passed("q1", {
            quote: "Parental leave is 30 working days for each parent, paid in full.",
            document: "handbook-2026.pdf",
            written: true,
            text: "Each parent gets 30 working days of parental leave, paid in full [1].",
          }),
          passed("q2", {
            passed: false,
            broken: true,
            problems: ["citation", "figures"],
            score: 0.61,
            quote: "Parental leave is 20 working days for each parent.",
            document: "handbook-2024.pdf",
            written: true,
            text: "For twins there is more parental leave. Please ask HR for the exact number of days.",
          }),
          passed("q3", { decision: "refused", score: 0.08, rank: undefined }),
        ],
      }),
      run({
        id: "r1",
        results: [passed("q2", { written: true, text: "For twins it is 40 working days [1]." })],
      }),
    ],
    running: undefined,
  };
}

// answerDesk gives a response, or null where the path is not of the desk.
export function answerDesk(box, held, method, path, query, json) {
  const [first, id, more, last] = path.split("/");
  if (first === "messages" && more === "rating") {
    held.ratings.push({ id, ...json });
    Object.assign(box.messages.get(id), { rating: json.rating });
    return ok(undefined, 204);
  }
  if (first === "inbox") return ofInbox(held, method, query, json);
  if (first === "gaps") return ok({ gaps: gapsOf(held) });
  if (first === "answers") return ofAnswers(box, held, method, id, json);
  if (first === "collections" && more === "golden") return ofGolden(box, held, method, id, last, json);
  return null;
}

function ofInbox(held, method, query, json) {
  if (method === "PATCH") {
    for (const one of held.items) if (json.ids.includes(one.ids[0])) one.state = json.state;
    return ok(undefined, 204);
  }
  const counts = {};
  const mine = query.get("collection") === "hr" ? held.items : [];
  for (const one of mine) counts[one.state] = (counts[one.state] ?? 0) + one.ids.length;
  return ok({ items: mine.filter((one) => one.state === query.get("state")), counts });
}

function gapsOf({ items }) {
  const open = items.filter((one) => one.state === "open");
  const topic = (name, all) => ({
    topic: name,
    questions: all.length,
    times: all.reduce((sum, one) => sum + one.times, 0),
    examples: all.map((one) => one.question),
    ids: all.flatMap((one) => one.ids),
    last_asked: all[0]?.asked_at,
  });
  const dogs = open.filter((one) => /dog/.test(one.question));
  const others = open.filter((one) => !dogs.includes(one));
  return [topic("dog, office", dogs), ...others.map((one) => topic(one.question.split(" ").at(-1), [one]))].filter(
    (gap) => gap.questions > 0,
  );
}

function ofAnswers(box, held, method, id, json) {
  const { documents } = box.documents;
  if (method === "GET") return ok({ answers: held.answers });
  const old = held.answers.find((one) => one.id === id);
  if (method === "DELETE") {
    held.answers = held.answers.filter((one) => one !== old);
    documents.delete(old.document_id);
    for (const one of held.items) if (one.answer_id === id) one.state = "open";
    return ok(undefined, 204);
  }
  const now = new Date().toISOString();
  const document = {
    ...documents.get("d9"),
    id: randomUUID(),
    name: `${json.question}.md`,
    flags: [],
    state: "indexing",
  };
  documents.set(document.id, document);
  const kept = { ...old, ...json, document_id: document.id, updated_at: now };
  if (old) Object.assign(old, kept);
  else {
    Object.assign(kept, { id: randomUUID(), created_at: now });
    held.answers.unshift(kept);
  }
  for (const one of held.items) {
    if (json.ids?.includes(one.ids[0])) Object.assign(one, { state: "answered", answer_id: kept.id });
  }
  setTimeout(() => {
    document.state = "ready";
    publish(box, "document.changed", { document });
  }, 150);
  return ok(kept, old ? 200 : 201);
}

function ofGolden(box, held, method, collection, last, json) {
  if (last === "runs") return ok({ runs: held.runs, running: held.running });
  if (last === "run") {
    step(box, held, collection, 0);
    return ok(undefined, 202);
  }
  if (method === "PUT") Object.assign(held, { questions: json.questions, shipped: false });
  if (method === "DELETE") Object.assign(held, { questions: held.questions.slice(0, 1), shipped: true });
  if (method === "PATCH") held.writes = json.writes;
  return ok({ questions: held.questions, shipped: held.shipped, writes: held.writes });
}

function step(box, held, collection, done) {
  const total = held.questions.length;
  if (done < total) {
    held.running = { collection, reason: "manual", done, total };
    publish(box, "golden.changed", { collection, running: held.running });
    setTimeout(() => step(box, held, collection, done + 1), held.pace ?? 40);
    return;
  }
  held.running = undefined;
  const at = new Date().toISOString();
  const results = held.questions.map((one) => passed(one.id, { quote: one.sentence }));
  held.runs.unshift(
    run({ id: randomUUID(), reason: "manual", total, passed: total, started_at: at, ended_at: at, results }),
  );
  publish(box, "golden.changed", { collection });
}
