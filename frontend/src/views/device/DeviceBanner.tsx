import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useModels } from "@/state/hooks";
import { hideBanner, useStore } from "@/state/store";

// DeviceBanner says loudly that a GPU that is there is not used. Hidden by hand
// it comes back when the reason is another one.
export function DeviceBanner({ onWhy }: { readonly onWhy: () => void }) {
  const { data } = useModels();
  const reason = data?.status.gpu_reason;
  const hidden = useStore((state) => state.hiddenBanner);
  const [open, setOpen] = useState(false);
  if (!reason || reason === hidden) return null;
  return (
    <section role="alert" className="banner" aria-label={m.device_slow()}>
      <TriangleAlert size={18} aria-hidden="true" className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{m.device_slow()}</p>
        <p className={open ? undefined : "banner-text"}>{reason}</p>
      </div>
      <div className="flex shrink-0 flex-wrap justify-end gap-1">
        {!open && (
          <Button look="quiet" className="banner-more" onClick={() => setOpen(true)}>
            {m.device_more()}
          </Button>
        )}
        <Button look="plain" onClick={onWhy}>
          {m.device_why_short()}
        </Button>
        <Button look="quiet" onClick={() => hideBanner(reason)}>
          {m.device_hide()}
        </Button>
      </div>
    </section>
  );
}
