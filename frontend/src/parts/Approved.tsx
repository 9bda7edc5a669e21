import { BadgeCheck } from "lucide-react";
import { m } from "@/messages/gen/messages.js";

// Approved marks what HR wrote.
export function Approved() {
  return (
    <span className="approved">
      <BadgeCheck size={14} aria-hidden="true" />
      {m.from_hr()}
    </span>
  );
}
