import { useEffect, useRef, useState } from "react";
import type { Message } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { speakable } from "@/state/speech";
import { useStore } from "@/state/store";
import { labelOf } from "./StageLine";

const sayEveryMs = 1500;

// Speaker reads the newest answer to a screen reader: each stage, then whole
// sentences as they come, then the end. Answers that were there before are not
// read again.
export function Speaker({ message }: { readonly message: Message }) {
  const live = useStore((state) => state.live.answers[message.id]);
  const growing = message.status === "writing";
  const [said, setSaid] = useState<readonly { at: number; text: string }[]>([]);
  const upTo = useRef(growing ? 0 : message.text.length);
  const wasGrowing = useRef(growing);
  const text = growing && live && live.seq > 0 ? live.text : message.text;
  const latest = useRef(text);
  latest.current = text;

  useEffect(() => {
    const say = (all: boolean) => {
      const next = speakable(latest.current, upTo.current, all);
      if (next.say.trim() === "") return;
      const at = upTo.current;
      upTo.current = next.upTo;
      setSaid((before) => [...before.slice(-3), { at, text: next.say }]);
    };
    if (!growing) {
      if (wasGrowing.current) say(true);
      wasGrowing.current = false;
      return;
    }
    wasGrowing.current = true;
    const timer = setInterval(() => say(false), sayEveryMs);
    return () => clearInterval(timer);
  }, [growing]);

  return (
    <div className="sr-only">
      <p role="status">
        {growing ? labelOf(live?.stage ?? null, text !== "") : said.length > 0 ? m.answer_complete() : ""}
      </p>
      <div aria-live="polite" aria-relevant="additions">
        {said.map((piece) => (
          <p key={piece.at}>{piece.text}</p>
        ))}
      </div>
    </div>
  );
}
