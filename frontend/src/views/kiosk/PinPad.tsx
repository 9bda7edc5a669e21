import { Delete } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { tryPin } from "@/state/kiosk";

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
const longest = 64;

// PinPad takes digits by touch and by keyboard. A right PIN closes the window.
export function PinPad({ onClose }: { readonly onClose: () => void }) {
  const [pin, setPin] = useState("");
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);

  const add = (digit: string) => {
    setTrouble("");
    setPin((old) => (old + digit).slice(0, longest));
  };
  const enter = async () => {
    if (pin === "" || busy) return;
    setBusy(true);
    const { ok, wait } = await tryPin(pin);
    setBusy(false);
    setPin("");
    if (!ok) setTrouble(wait > 0 ? m.kiosk_pin_wait({ n: String(wait) }) : m.kiosk_pin_wrong());
  };
  const onKey = (event: KeyboardEvent) => {
    if (/^[0-9]$/.test(event.key)) add(event.key);
    else if (event.key === "Backspace") setPin((old) => old.slice(0, -1));
    else if (event.key === "Enter") void enter();
    else return;
    event.preventDefault();
  };
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  return (
    <Dialog title={m.kiosk_pin()} onClose={onClose}>
      <div className="flex flex-col items-center gap-4">
        <p role="status" aria-label={m.kiosk_pin_typed({ n: String(pin.length) })} className="pin-dots">
          {"●".repeat(pin.length) || m.kiosk_pin_note()}
        </p>
        <div className="grid grid-cols-3 gap-2">
          {digits.map((digit) => (
            <Button key={digit} className="pin-key" onClick={() => add(digit)}>
              {digit}
            </Button>
          ))}
          <Button
            look="quiet"
            className="pin-key"
            aria-label={m.kiosk_pin_back()}
            onClick={() => setPin((old) => old.slice(0, -1))}
          >
            <Delete size={20} aria-hidden="true" />
          </Button>
          <Button className="pin-key" onClick={() => add("0")}>
            0
          </Button>
          <Button look="solid" className="pin-key" disabled={pin === "" || busy} onClick={() => void enter()}>
            {m.kiosk_pin_enter()}
          </Button>
        </div>
        <p role="alert" className="min-h-5 text-sm text-bad">
          {trouble}
        </p>
      </div>
    </Dialog>
  );
}
