import { clsx } from "clsx";
import type { Fit, Model } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { bytes } from "@/state/numbers";

// FitLine says before a model is loaded whether it fits into memory.
export function FitLine({ fit }: { readonly fit: Fit }) {
  return (
    <span className={clsx("block text-xs", looks[fit.verdict])} title={fit.because}>
      {sentenceOf(fit)}
    </span>
  );
}

const looks: Record<Fit["verdict"], string> = { fits: "text-ink-3", fits_partly: "text-warn", wont_fit: "text-bad" };

function sentenceOf(fit: Fit): string {
  const need = bytes(fit.need);
  switch (fit.verdict) {
    case "fits":
      return m.model_fits({ need, free: bytes(fit.free) });
    case "fits_partly":
      return m.model_fits_partly({ need, free: bytes(fit.free) });
    case "wont_fit":
      return m.model_wont_fit({ need, usable: bytes(fit.usable) });
  }
}

// WontFit warns before a model is chosen that the box refuses to load.
export function WontFit({
  model,
  fit,
  onChoose,
  onClose,
}: {
  readonly model: Model;
  readonly fit: Fit;
  readonly onChoose: () => void;
  readonly onClose: () => void;
}) {
  const numbers = { name: model.id, need: bytes(fit.need), usable: bytes(fit.usable), free: bytes(fit.free) };
  return (
    <Dialog title={m.model_wont_fit_title()} onClose={onClose}>
      <p className="text-sm">{m.model_wont_fit_text(numbers)}</p>
      <div className="mt-5 flex justify-end gap-2">
        <Button look="quiet" onClick={onChoose}>
          {m.model_wont_fit_choose()}
        </Button>
        <Button look="solid" onClick={onClose}>
          {m.cancel()}
        </Button>
      </div>
    </Dialog>
  );
}
