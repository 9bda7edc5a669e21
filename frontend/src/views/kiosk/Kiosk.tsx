import { useCallback, useEffect, useRef, useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useDraft } from "@/state/drafts";
import { kioskHasPin, kioskIdleMs, wipe } from "@/state/kiosk";
import { PinPad } from "./PinPad";

const countdownSeconds = 15;
const touches = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
// The way out: this key, or a finger that stays in the top left corner.
const holdMs = 3000;
const cornerPx = 64;

// Kiosk watches over a screen that everybody may use. fresh: nothing is on it
// that had to be wiped.
export function Kiosk({ fresh }: { readonly fresh: boolean }) {
  const draft = useDraft("");
  const empty = fresh && draft === "";
  const [left, setLeft] = useState<number | null>(null);
  const [pad, setPad] = useState(false);
  const last = useRef(Date.now());
  const closePad = useCallback(() => setPad(false), []);

  useEffect(() => {
    const touch = () => {
      last.current = Date.now();
      setLeft(null);
    };
    for (const name of touches) window.addEventListener(name, touch, { capture: true, passive: true });
    return () => {
      for (const name of touches) window.removeEventListener(name, touch, { capture: true });
    };
  }, []);

  useEffect(() => {
    // Nothing to wipe: the next person's time begins with the first touch.
    if (empty && !pad) {
      setLeft(null);
      return;
    }
    last.current = Date.now();
    const timer = setInterval(() => {
      const over = Date.now() - last.current - kioskIdleMs();
      if (over < 0) return;
      const rest = countdownSeconds - Math.floor(over / 1000);
      setLeft(Math.max(0, rest));
      if (rest <= 0) {
        clearInterval(timer);
        void wipe();
      }
    }, 250);
    return () => clearInterval(timer);
  }, [empty, pad]);

  useWayOut(() => setPad(true));

  return (
    <>
      {pad && <PinPad onClose={closePad} />}
      {left !== null && (
        <div className="kiosk-shade" role="alertdialog" aria-labelledby="kiosk-title" aria-live="assertive">
          <div className="kiosk-card">
            <h2 id="kiosk-title" className="text-2xl font-semibold tracking-tight">
              {m.kiosk_still_there()}
            </h2>
            <p className="text-ink-2">{m.kiosk_wipe({ n: String(left) })}</p>
            <p className="kiosk-count" aria-hidden="true">
              {left}
            </p>
            <Button look="solid" className="h-12 px-6 text-base">
              {m.kiosk_stay()}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

function useWayOut(open: () => void): void {
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    if (!kioskHasPin()) return;
    let held: ReturnType<typeof setTimeout> | undefined;
    const release = () => clearTimeout(held);
    const press = (event: PointerEvent) => {
      release();
      if (event.clientX < cornerPx && event.clientY < cornerPx) held = setTimeout(() => latest.current(), holdMs);
    };
    const key = (event: KeyboardEvent) => {
      if (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "q") latest.current();
    };
    window.addEventListener("pointerdown", press);
    window.addEventListener("pointerup", release);
    window.addEventListener("pointercancel", release);
    window.addEventListener("keydown", key);
    return () => {
      release();
      window.removeEventListener("pointerdown", press);
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
      window.removeEventListener("keydown", key);
    };
  }, []);
}
