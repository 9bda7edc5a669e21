import { create } from "zustand";
import type { StreamState } from "@/api/connection";
import type { Sample } from "@/api/types";
import { type Live, nothingLive } from "./live";
import type { Choice } from "./tree";

// Pending is a question on its way to the box. Its id is made here, so sending
// it twice is harmless.
export interface Pending {
  readonly id: string;
  readonly conversation: string;
  readonly parent: string | null;
  readonly text: string;
  readonly model: string | undefined;
  readonly collection?: string | undefined;
  readonly asOf?: string | undefined;
  readonly isNew: boolean;
  readonly createdAt: string;
  readonly failed: string | null;
  readonly stop: boolean;
}

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly ms: number;
}

interface State {
  readonly live: Live;
  readonly stream: StreamState;
  // Tokens a second of the answer that ended last.
  readonly speed: number | null;
  // What the machine did in the last second; null until the first sample.
  readonly machine: Sample | null;
  readonly pending: readonly Pending[];
  readonly choices: Readonly<Record<string, Choice>>;
  // Answers for which a new version was asked for and has not begun.
  readonly regenerating: readonly string[];
  // Turns that were asked to stop and have not ended.
  readonly stopping: readonly string[];
  readonly notices: readonly Notice[];
  // The reason that the banner gave when it was hidden.
  readonly hiddenBanner: string | null;
}

// What this tab knows beside the query cache. Changed by the functions of
// state/ only; views read it.
export const useStore = create<State>(() => ({
  live: nothingLive,
  stream: "connecting",
  speed: null,
  machine: null,
  pending: [],
  choices: {},
  regenerating: [],
  stopping: [],
  notices: [],
  hiddenBanner: null,
}));

export const setState = useStore.setState;
export const getState = useStore.getState;

let lastNotice = 0;

// notify shows a line at the bottom for a while; action undoes or repeats.
export function notify(notice: Omit<Notice, "id" | "ms" | "tone"> & Partial<Pick<Notice, "ms" | "tone">>): number {
  const full: Notice = { tone: "plain", ms: 6000, ...notice, id: ++lastNotice };
  setState((state) => ({ notices: [...state.notices.slice(-2), full] }));
  return full.id;
}

// hideBanner hides the banner until it has another reason.
export const hideBanner = (reason: string) => setState({ hiddenBanner: reason });

export function dismiss(id: number): void {
  setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}
