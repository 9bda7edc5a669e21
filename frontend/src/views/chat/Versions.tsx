import { ChevronLeft, ChevronRight } from "lucide-react";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "@/parts/Button";

export interface VersionsOf {
  readonly index: number;
  readonly count: number;
  readonly go: (index: number) => void;
}

// Versions walks through the siblings of a message: 1/2.
export function Versions({ index, count, go }: VersionsOf) {
  if (count < 2) return null;
  return (
    <span className="flex items-center text-xs text-ink-3 tabular-nums">
      <IconButton size="sm" label={m.version_before()} disabled={index === 0} onClick={() => go(index - 1)}>
        <ChevronLeft size={15} />
      </IconButton>
      <span>{m.version_of({ n: String(index + 1), count: String(count) })}</span>
      <IconButton size="sm" label={m.version_after()} disabled={index === count - 1} onClick={() => go(index + 1)}>
        <ChevronRight size={15} />
      </IconButton>
    </span>
  );
}
