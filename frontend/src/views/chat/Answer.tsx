import { RefreshCw } from "lucide-react";
import { useState } from "react";
import type { Message } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "@/parts/Button";
import { CopyButton } from "@/parts/CodeBlock";
import { Markdown } from "@/parts/Markdown";
import { withSources } from "@/state/documents/words";
import { useStore } from "@/state/store";
import { splitThinking } from "@/state/thinking";
import { Grounded } from "../sources/Grounded";
import { FiguresLine } from "./FiguresLine";
import { NoteForm, Thumbs } from "./Rating";
import { StageLine } from "./StageLine";
import { Thoughts } from "./Thoughts";
import { Versions, type VersionsOf } from "./Versions";

const noSources: never[] = [];

export function Answer({
  message,
  versions,
  busy,
  onAgain,
}: {
  readonly message: Message;
  readonly versions: VersionsOf;
  readonly busy: boolean;
  readonly onAgain: () => void;
}) {
  const live = useStore((state) => state.live.answers[message.id]);
  const [noting, setNoting] = useState(false);
  const growing = message.status === "writing";
  const text = growing && live && live.seq > 0 ? live.text : message.text;
  const { thought, answer, open } = splitThinking(text);
  const grounding = message.grounding ?? live?.found?.grounding;
  const sources = (message.grounding ? message.sources : live?.found?.sources) ?? noSources;
  const again = grounding?.approved?.given ? m.regenerate_model() : m.regenerate();
  const copied = answer || text;
  return (
    <article className="answer" aria-label={m.answer()} aria-busy={growing}>
      <h2 className="sr-only">{m.answer()}</h2>
      {thought !== null && <Thoughts text={thought} open={open && growing} />}
      {grounding ? (
        <Grounded
          text={answer}
          base={text.length - answer.length}
          growing={growing}
          sources={sources}
          grounding={grounding}
        />
      ) : (
        answer !== "" && <Markdown text={answer} growing={growing} />
      )}
      {growing ? (
        <StageLine stage={live?.stage ?? null} writing={text !== ""} />
      ) : (
        <Ending message={message} onAgain={onAgain} />
      )}
      {!growing && (
        <div className="answer-foot">
          {message.figures && <FiguresLine figures={message.figures} createdAt={message.created_at} />}
          <div className="actions">
            <Versions {...versions} />
            {text !== "" && (
              <Thumbs message={message} onRated={(to) => setNoting(to === "down" && grounding !== undefined)} />
            )}
            {text !== "" && <CopyButton text={grounding ? withSources(copied, sources) : copied} />}
            <IconButton size="sm" label={again} disabled={busy} onClick={onAgain}>
              <RefreshCw size={14} className={busy ? "spin" : undefined} />
            </IconButton>
          </div>
        </div>
      )}
      {noting && !growing && <NoteForm message={message} onClose={() => setNoting(false)} />}
    </article>
  );
}

// Ending says how an answer ended when it did not end by itself.
function Ending({ message, onAgain }: { readonly message: Message; readonly onAgain: () => void }) {
  if (message.status === "failed") {
    return (
      <div role="alert" className="trouble">
        <p>{message.error?.message || m.answer_failed()}</p>
        <button type="button" className="link" onClick={onAgain}>
          {m.try_again()}
        </button>
      </div>
    );
  }
  const note = noteOf(message);
  return note ? <p className="ending">{note}</p> : null;
}

function noteOf(message: Message): string | null {
  if (message.status === "stopped") return message.text ? m.answer_stopped() : m.answer_stopped_empty();
  if (message.status === "interrupted") return m.answer_interrupted();
  if (message.figures?.finish === "length") return m.answer_length();
  if (message.text === "") return m.answer_empty();
  return null;
}
