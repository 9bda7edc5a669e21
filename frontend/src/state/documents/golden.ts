import { useQuery } from "@tanstack/react-query";
import * as api from "@/api/desk";
import { asProblem } from "@/api/problem";
import { keys, queries } from "../client";
import { complain } from "../commands";
import { told } from "./collections";
import { goldenChanged } from "./goldenEvents";

// The golden questions of a collection, and how their runs went.

export const useGoldenAnswers = (collection: string) =>
  useQuery({
    queryKey: keys.goldenAnswers(collection),
    queryFn: () => api.getGoldenAnswers(collection),
    staleTime: 0,
  });

export const useGoldenRuns = (collection: string) =>
  useQuery({ queryKey: keys.goldenRuns(collection), queryFn: () => api.getGoldenRuns(collection), staleTime: 0 });

export const saveGoldenAnswers = (collection: string, questions: api.GoldenAnswer[]) =>
  told(async () => {
    queries.setQueryData(keys.goldenAnswers(collection), await api.putGoldenAnswers(collection, questions));
  });

export const resetGoldenAnswers = (collection: string) =>
  told(async () => {
    queries.setQueryData(keys.goldenAnswers(collection), await api.resetGoldenAnswers(collection));
  });

export async function setGoldenWrites(collection: string, writes: boolean): Promise<void> {
  try {
    queries.setQueryData(keys.goldenAnswers(collection), await api.setGoldenWrites(collection, writes));
  } catch (thrown) {
    complain(asProblem(thrown));
  }
}

export async function runGoldenAnswers(collection: string, total: number): Promise<void> {
  // It is seen to begin at once; the box tells soon how far it is.
  goldenChanged({ collection, running: { collection, reason: "manual", done: 0, total } });
  try {
    await api.runGoldenAnswers(collection);
  } catch (thrown) {
    goldenChanged({ collection });
    complain(asProblem(thrown));
  }
}

export type Outcome = "passed" | "broken" | "failed" | "flapping";

export const outcomeOf = ({ passed, broken, flapping }: api.GoldenResult): Outcome =>
  passed ? "passed" : broken ? "broken" : flapping ? "flapping" : "failed";

export interface Told {
  readonly result: api.GoldenResult;
  // Null: the question was removed since.
  readonly question: api.GoldenAnswer | null;
}

const order: Record<Outcome, number> = { broken: 0, flapping: 1, failed: 2, passed: 3 };

// resultsOf joins a run with its questions; what needs a look stands first.
export function resultsOf(run: api.GoldenRun, questions: readonly api.GoldenAnswer[]): Told[] {
  const known = new Map(questions.map((one) => [one.id, one]));
  return run.results
    .map((result) => ({ result, question: known.get(result.id) ?? null }))
    .sort((a, b) => order[outcomeOf(a.result)] - order[outcomeOf(b.result)]);
}

// Before is what the model wrote when a question passed last.
export interface Before {
  readonly text: string;
  readonly at: string;
}

// beforeOf looks in the runs before one; runs are newest first.
export function beforeOf(runs: readonly api.GoldenRun[], run: api.GoldenRun, id: string): Before | null {
  for (const one of runs.slice(runs.indexOf(run) + 1)) {
    const was = one.results.find((result) => result.id === id);
    if (was?.passed && was.text) return { text: was.text, at: one.started_at };
  }
  return null;
}

// freshId is a name that no other question has.
export function freshId(questions: readonly Pick<api.GoldenAnswer, "id">[]): string {
  const taken = new Set(questions.map((one) => one.id));
  let n = questions.length + 1;
  while (taken.has(`question-${n}`)) n++;
  return `question-${n}`;
}

// withQuestion puts a question in its place, or behind the others.
export function withQuestion(questions: readonly api.GoldenAnswer[], one: api.GoldenAnswer): api.GoldenAnswer[] {
  return questions.some(({ id }) => id === one.id)
    ? questions.map((old) => (old.id === one.id ? one : old))
    : [...questions, one];
}
