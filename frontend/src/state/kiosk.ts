import * as api from "@/api/calls";
import { onWindow, tellWindow } from "@/api/desktop";
import { kioskOf } from "@/api/transport";
import type { ConversationDetail } from "@/api/types";
import { queries } from "./client";

// A kiosk's page is for the person in front of it: nobody sees what the one
// before has asked. So old conversations are not shown, and after a while
// without a touch the page begins anew.

export const inKiosk = () => kioskOf() !== null;
export const kioskIdleMs = () => (kioskOf()?.idle_seconds ?? 0) * 1000;
// The documents that this screen answers from; empty: none are set.
export const kioskCollection = () => kioskOf()?.collection ?? "";
export const kioskHasPin = () => kioskOf()?.pin ?? false;

// wipe stops what is being written, forgets everything that this page kept and
// begins anew. The conversation stays in the box's history.
export async function wipe(): Promise<void> {
  const open = queries.getQueriesData<ConversationDetail>({ queryKey: ["conversation"] });
  const turns = open.flatMap(([, detail]) =>
    (detail?.messages ?? []).flatMap(({ status, turn_id: turn }) => (status === "writing" && turn ? [turn] : [])),
  );
  await Promise.allSettled(turns.map((turn) => api.stopTurn(turn)));
  try {
    localStorage.clear();
    sessionStorage.clear();
  } catch {
    // Storage is off: nothing was kept.
  }
  location.replace("#/");
  location.reload();
}

// tryPin asks the window about a PIN. wait: seconds until the next try.
export function tryPin(pin: string): Promise<{ readonly ok: boolean; readonly wait: number }> {
  return new Promise((resolve) => {
    const stop = onWindow("pin-answer", (ok, wait) => {
      stop();
      resolve({ ok: ok === true, wait: Number(wait) || 0 });
    });
    tellWindow("pin", pin);
  });
}
