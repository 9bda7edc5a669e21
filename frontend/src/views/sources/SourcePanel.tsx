import { lazy, Suspense } from "react";
import { usePanel } from "@/state/documents/panel";

const Panel = lazy(() => import("./Panel"));

// SourcePanel shows a document at the passage that was found: beside the page
// where there is room, over it where there is not.
export function SourcePanel() {
  const shown = usePanel((state) => state.shown);
  const source = shown?.hits[shown.at];
  if (!shown || !source) return null;
  return (
    <Suspense fallback={null}>
      <Panel source={source} at={shown.at} hits={shown.hits} />
    </Suspense>
  );
}
