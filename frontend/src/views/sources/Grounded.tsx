import { BadgeCheck, SearchX } from "lucide-react";
import type { Grounding, Source } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { day } from "@/state/documents/words";
import { Cited } from "./cited";
import { LookedAt, PassageList } from "./LookedAt";
import { QuoteCard } from "./QuoteCard";

const noChecks: never[] = [];

// Grounded is an answer from documents: the sentence that proves it, what the
// model wrote under it, and what was looked at.
export function Grounded({
  text,
  base,
  growing,
  sources,
  grounding,
}: {
  readonly text: string;
  readonly base: number;
  readonly growing: boolean;
  readonly sources: readonly Source[];
  readonly grounding: Grounding;
}) {
  if (grounding.decision === "refused") {
    return (
      <div className="unanswered">
        <p className="unanswered-text">
          <SearchX size={18} aria-hidden="true" />
          <span dir="auto">{text || m.refused()}</span>
        </p>
        {grounding.inbox && <p className="passed-on">{m.passed_on()}</p>}
        <LookedAt sources={sources} grounding={grounding} />
      </div>
    );
  }
  const { approved } = grounding;
  if (approved?.given) {
    return (
      <div className="given">
        <p className="given-head">
          <BadgeCheck size={16} aria-hidden="true" />
          <b>{m.given()}</b>
          <span>{[approved.by && m.given_by({ name: approved.by }), day(approved.on)].filter(Boolean).join(", ")}</span>
        </p>
        <Cited text={text} base={base} growing={growing} sources={sources} checks={noChecks} />
        {sources.length > 1 && (
          <>
            <h3 className="given-based">{m.given_based()}</h3>
            <PassageList sources={sources} from={2} />
          </>
        )}
      </div>
    );
  }
  const best = bestOf(sources);
  return (
    <>
      {best && <QuoteCard source={best} hits={sources} />}
      {text !== "" && (
        <Cited text={text} base={base} growing={growing} sources={sources} checks={grounding.checks ?? noChecks} />
      )}
      {approved && <p className="passed-on">{m.given_not()}</p>}
      {!growing && <LookedAt sources={sources} grounding={grounding} />}
    </>
  );
}

// bestOf: what the model reads is ordered otherwise, so the score decides. It
// does not change when the answer cites another one: nothing may jump.
export function bestOf(sources: readonly Source[]): Source | undefined {
  return sources.reduce<Source | undefined>((best, one) => (best && best.score >= one.score ? best : one), undefined);
}
