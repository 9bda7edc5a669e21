import type { Source } from "@/api/documents";
import type { CollectionDeleted, DocumentDeleted } from "@/api/events";
import type { ConversationDetail, Message } from "@/api/types";
import { queries } from "../client";
import type { Live } from "../live";
import { getState, setState } from "../store";
import { usePanel } from "./panel";

// What is removed from the documents leaves the answers that are open in the
// same moment: their citations say so, and have none of its text any more.

type Removal = DocumentDeleted | CollectionDeleted;

const concerns = (source: Source, event: Removal): boolean =>
  event.type === "document.deleted" ? source.document_id === event.id : source.collection === event.id;

// wiped gives sources without the text of what was removed; the same list where
// none is concerned. Exported for tests.
export function wiped<T extends Source>(sources: readonly T[], event: Removal): readonly T[] {
  if (!sources.some((one) => !one.removed && concerns(one, event))) return sources;
  return sources.map((one) => {
    if (!concerns(one, event)) return one;
    const { heading: _, ...rest } = one;
    return { ...rest, quote: "", text: "", removed: true } as T;
  });
}

function wipedMessage(message: Message, event: Removal): Message {
  const sources = message.sources && wiped(message.sources, event);
  return sources === message.sources || !sources ? message : { ...message, sources: [...sources] };
}

function wipedLive(live: Live, event: Removal): Live {
  const answers = Object.entries(live.answers).map(([id, answer]) => {
    const found = answer.found && { ...answer.found, sources: wiped(answer.found.sources, event) };
    return [id, { ...answer, found }] as const;
  });
  const ended = Object.entries(live.ended).map(([id, message]) => [id, wipedMessage(message, event)] as const);
  return { answers: Object.fromEntries(answers), ended: Object.fromEntries(ended) };
}

export function leaveAnswers(event: Removal): void {
  setState({ live: wipedLive(getState().live, event) });
  queries.setQueriesData<ConversationDetail>(
    { queryKey: ["conversation"] },
    (detail) => detail && { ...detail, messages: detail.messages.map((one) => wipedMessage(one, event)) },
  );
  // A reading that is on its way may be of before.
  void queries.invalidateQueries({
    queryKey: ["conversation"],
    predicate: ({ state }) => state.fetchStatus === "fetching",
  });
  usePanel.setState(({ shown }) => (shown ? { shown: { ...shown, hits: wiped(shown.hits, event) } } : {}));
  void queries.invalidateQueries({ queryKey: ["passages"] });
}
