import { m } from "@/messages/gen/messages.js";
import type { Stage } from "@/state/live";
import { duration, integer } from "@/state/numbers";

// StageLine says what an answer waits for. Before the box has said anything
// the question is being sent.
export function StageLine({ stage, writing = false }: { readonly stage: Stage | null; readonly writing?: boolean }) {
  const reading = stage?.name === "prefill" && stage.total > 0;
  return (
    <div className="stage">
      <span className="stage-light" aria-hidden="true" />
      <span>{labelOf(stage, writing)}</span>
      {reading && (
        <progress className="stage-bar" max={stage.total} value={stage.done} aria-label={m.stage_reading_label()} />
      )}
    </div>
  );
}

export function labelOf(stage: Stage | null, writing: boolean): string {
  switch (stage?.name) {
    case "queued":
      return stage.place > 0
        ? m.stage_queued_place({ place: integer(stage.place), wait: duration(Math.max(stage.waitMs, 1000)) })
        : m.stage_queued();
    case "loading":
      return m.stage_loading();
    case "prefill":
      return stage.total > 0
        ? m.stage_prefill({ done: integer(stage.done), total: integer(stage.total) })
        : m.stage_prefill_unknown();
    case "decode":
      return m.stage_decode();
    case "resuming":
      return m.stage_resuming();
    default:
      return writing ? m.stage_decode() : m.stage_sending();
  }
}
