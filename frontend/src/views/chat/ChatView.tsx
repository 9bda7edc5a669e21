import { ArrowDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useStickToBottom } from "@/parts/stick";
import { ask, stopPending, stopTurn } from "@/state/commands";
import { begun, useAsked } from "@/state/documents/asking";
import { useCollections } from "@/state/documents/collections";
import { setDraft } from "@/state/drafts";
import { useChosenModel, useConversation, usePath, usePending } from "@/state/hooks";
import { kioskCollection } from "@/state/kiosk";
import { sentence } from "@/state/sentences";
import { useStore } from "@/state/store";
import { pauseTyping } from "@/state/typing";
import { somethingOpen } from "../shell/keys";
import { AskDocuments } from "./AskDocuments";
import { Composer } from "./Composer";
import { Thread } from "./Thread";
import { Welcome } from "./Welcome";

export function ChatView({ id }: { readonly id: string | null }) {
  const [, navigate] = useLocation();
  const detail = useConversation(id);
  const path = usePath(id, detail.data);
  const pending = usePending(id);
  const model = useChosenModel();
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);

  const missing = detail.isError && !detail.data;
  const empty = id === null || (detail.data !== undefined && path.length === 0 && pending.length === 0);
  const { away, toEnd } = useStickToBottom(frame, content, !empty);

  const last = path.at(-1)?.message;
  const sending = pending.find((one) => one.failed === null);
  const turn = last?.status === "writing" ? last.turn_id : undefined;
  const stopping = useStore((state) => turn !== undefined && state.stopping.includes(turn));
  const busy = sending !== undefined || last?.status === "writing";

  const stop = () => {
    if (sending) stopPending(sending);
    else if (turn) void stopTurn(turn);
  };
  useEscape(busy ? stop : null);

  const parent = last?.role === "assistant" ? last.id : null;
  const asked = useAsked(id ?? "", detail.data?.conversation.collection);
  const collections = useCollections().data ?? [];
  const [choosing, setChoosing] = useState(false);
  const send = (text: string) => {
    const documents = { collection: asked.id || undefined, asOf: asked.day || undefined };
    const conversation = ask({ conversation: id, parent, text, model: model?.id, ...documents });
    setDraft(id ?? "", "");
    if (id === null) {
      begun(conversation);
      navigate(`/c/${conversation}`);
    }
    requestAnimationFrame(toEnd);
  };

  return (
    <main className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus */}
      <div ref={frame} className="chat-scroll" tabIndex={0} aria-label={m.conversation()} role="log" aria-live="off">
        <div ref={content} className="chat-column">
          {empty ? (
            <Welcome documents={asked.collection} onPick={(text) => setDraft(id ?? "", text)} />
          ) : missing ? (
            <Missing text={sentence(detail.error)} retry={() => void detail.refetch()} />
          ) : detail.isPending && id !== null ? (
            <Bones />
          ) : (
            <Thread conversation={id ?? ""} path={path} pending={pending} />
          )}
        </div>
      </div>
      <div className="chat-foot">
        {away && (
          <button type="button" className="to-end" onClick={toEnd}>
            <ArrowDown size={15} aria-hidden="true" />
            {m.to_newest()}
          </button>
        )}
        <Composer
          draftKey={id ?? ""}
          busy={busy}
          stopping={stopping || (sending?.stop ?? false)}
          disabled={missing}
          above={<AskDocuments conversation={id ?? ""} asked={asked} open={choosing} onOpen={setChoosing} />}
          onHash={() => {
            if (collections.length === 0 || kioskCollection() !== "") return false;
            setChoosing(true);
            return true;
          }}
          // What is found in documents stands before the question: it cannot be read before.
          onPause={(text) => !asked.id && pauseTyping({ conversation: id, parent, text, model: model?.id })}
          onSend={send}
          onStop={stop}
        />
      </div>
    </main>
  );
}

function Missing({ text, retry }: { readonly text: string; readonly retry: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-4 py-16">
      <h2 className="text-xl font-semibold">{m.conversation_unavailable()}</h2>
      <p className="text-ink-2">{text}</p>
      <Button onClick={retry}>{m.try_again()}</Button>
    </div>
  );
}

function Bones() {
  return (
    <div role="status" aria-busy="true" aria-label={m.loading()} className="flex flex-col gap-4 py-10">
      <span className="bone h-10 w-1/2 self-end" />
      <span className="bone w-5/6" />
      <span className="bone w-2/3" />
      <span className="bone w-3/4" />
    </div>
  );
}

// useEscape calls run on Esc, unless something in front of the chat is open.
function useEscape(run: (() => void) | null): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.shiftKey || event.defaultPrevented || event.isComposing) return;
      if (!latest.current || somethingOpen()) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
