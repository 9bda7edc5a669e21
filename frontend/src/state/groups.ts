import type { Conversation } from "@/api/types";

export type GroupName = "today" | "yesterday" | "week" | "older";

export interface Group {
  readonly name: GroupName;
  readonly conversations: readonly Conversation[];
}

const order: readonly GroupName[] = ["today", "yesterday", "week", "older"];

// groupByDay sorts conversations into days of the reader's own calendar,
// newest change first. "week" is the seven days before yesterday's.
export function groupByDay(conversations: readonly Conversation[], now: Date): Group[] {
  const midnight = (daysAgo: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  const today = midnight(0);
  const yesterday = midnight(1);
  const week = midnight(7);
  const nameOf = (time: number): GroupName =>
    time >= today ? "today" : time >= yesterday ? "yesterday" : time >= week ? "week" : "older";
  const sorted = [...conversations].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  return order
    .map((name) => ({
      name,
      conversations: sorted.filter((one) => nameOf(Date.parse(one.updated_at)) === name),
    }))
    .filter((group) => group.conversations.length > 0);
}
