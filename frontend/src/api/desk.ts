import { answer, client } from "./transport";
import type { components } from "./types.gen";

// HR's desk: what the documents did not say, answers that HR writes, and golden
// questions. docs/contracts.md, "HR's desk", says what the fields mean.

type Schemas = components["schemas"];

export type ApprovedAnswer = Schemas["ApprovedAnswer"];
export type Change = Schemas["Change"];
export type Gap = Schemas["Gap"];
export type GoldenAnswer = Schemas["GoldenQuestion"];
export type GoldenProgress = Schemas["GoldenProgress"];
export type GoldenResult = Schemas["GoldenResult"];
export type GoldenRun = Schemas["GoldenRun"];
export type GoldenRuns = Schemas["GoldenRuns"];
export type InboxItem = Schemas["InboxItem"];
export type InboxState = InboxItem["state"];

const at = (id: string) => ({ params: { path: { id } } });
const of = (collection: string) => ({ params: { query: { collection } } });

export const rateMessage = (id: string, rating: "up" | "down", note: string) =>
  answer(client.POST("/api/v1/messages/{id}/rating", { ...at(id), body: { rating, ...(note && { note }) } }));

export const getInbox = (collection: string, state: InboxState) =>
  answer(client.GET("/api/v1/inbox", { params: { query: { collection, state } } }));
export const moveInbox = (collection: string, ids: string[], state: "open" | "dismissed") =>
  answer(client.PATCH("/api/v1/inbox", { body: { collection, ids, state } }));
export const getGaps = (collection: string) => answer(client.GET("/api/v1/gaps", of(collection)));

export interface AnswerForm {
  readonly question: string;
  readonly answer: string;
  // A day; "" is always.
  readonly effective: string;
  // The last day; "" is none.
  readonly expires: string;
  readonly by: string;
  readonly sources: readonly Passage[];
  // The items of the inbox that it answers.
  readonly ids: string[];
}

// Passage is one that an answer stands on.
export type Passage = Pick<Schemas["ApprovedSource"], "chunk_id" | "document" | "page" | "page_end" | "quote">;

const fields = ({ question, answer: text, effective, expires, by, sources, ids }: AnswerForm) => ({
  question,
  answer: text,
  ...(effective && { effective }),
  ...(expires && { expires }),
  ...(by && { by }),
  ...(sources.length > 0 && { sources: sources.map(({ chunk_id, quote }) => ({ chunk_id, quote })) }),
  ...(ids.length > 0 && { ids }),
});

export const listAnswers = (collection: string) => answer(client.GET("/api/v1/answers", of(collection)));
export const writeAnswer = (collection: string, form: AnswerForm) =>
  answer(client.POST("/api/v1/answers", { body: { collection, ...fields(form) } }));
export const changeAnswer = (id: string, form: AnswerForm) =>
  answer(client.PATCH("/api/v1/answers/{id}", { ...at(id), body: fields(form) }));
export const deleteAnswer = (id: string) => answer(client.DELETE("/api/v1/answers/{id}", at(id)));

const golden = "/api/v1/collections/{id}/golden";
export const getGoldenAnswers = (collection: string) => answer(client.GET(golden, at(collection)));
export const putGoldenAnswers = (collection: string, questions: GoldenAnswer[]) =>
  answer(client.PUT(golden, { ...at(collection), body: { questions } }));
export const setGoldenWrites = (collection: string, writes: boolean) =>
  answer(client.PATCH(golden, { ...at(collection), body: { writes } }));
export const resetGoldenAnswers = (collection: string) => answer(client.DELETE(golden, at(collection)));
export const runGoldenAnswers = (collection: string) => answer(client.POST(`${golden}/run`, at(collection)));
export const getGoldenRuns = (collection: string) => answer(client.GET(`${golden}/runs`, at(collection)));

// compareDocuments says what changed from one version to another.
export const compareDocuments = (before: string, after: string) =>
  answer(client.GET("/api/v1/documents/{id}/diff", { params: { path: { id: after }, query: { with: before } } }));
