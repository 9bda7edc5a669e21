import "../../desk.css";
import "../../golden.css";
import { lazy } from "react";
import { Later } from "@/parts/Later";

// The tabs of HR's desk: each comes when it is looked at.
export const deskTabs = {
  inbox: lazy(() => import("./InboxTab")),
  answers: lazy(() => import("./AnswersTab")),
  gaps: lazy(() => import("./GapsTab")),
  golden: lazy(() => import("./GoldenTab")),
} as const;

export type DeskTab = keyof typeof deskTabs;

export const isDeskTab = (tab: string | undefined): tab is DeskTab => tab !== undefined && Object.hasOwn(deskTabs, tab);

export function Desk({ tab, collection }: { readonly tab: DeskTab; readonly collection: string }) {
  const Tab = deskTabs[tab];
  return (
    <Later key={tab}>
      <Tab collection={collection} />
    </Later>
  );
}
