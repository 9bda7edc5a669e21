import { lazy } from "react";
import { Later } from "@/parts/Later";
import { useEngine } from "@/state/monitor/hooks";
import { useStore } from "@/state/store";
import { Attention } from "./Attention";
import { BigFigures } from "./BigFigures";
import { Devices } from "./Devices";
import { MemoryMap } from "./MemoryMap";
import { Slots } from "./Slots";

// The library that draws charts comes after what is told in words.
const OverTime = lazy(() => import("../charts/OverTime"));

// LiveTab is the box at a glance: what needs attention, what it does now, and
// how that went over time.
export default function LiveTab() {
  const engine = useEngine();
  const connected = useStore((state) => state.stream === "open");
  const machine = useStore((state) => state.machine);
  // What was true before the connection was lost is not shown as of now.
  const sample = connected ? machine : null;
  const now = connected ? engine.data : undefined;
  return (
    <>
      <Attention />
      <BigFigures sample={sample} />
      <Slots engine={now} error={engine.isError ? engine.error : null} />
      {now && <MemoryMap engine={now} sample={sample} />}
      {sample && <Devices sample={sample} />}
      <Later>
        <OverTime />
      </Later>
    </>
  );
}
