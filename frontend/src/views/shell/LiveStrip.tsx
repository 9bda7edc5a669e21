import { m } from "@/messages/gen/messages.js";
import { useModels } from "@/state/hooks";
import { rate } from "@/state/numbers";
import { useStore } from "@/state/store";

// LiveStrip is one quiet line about the machine: is it there, what is loaded,
// on what, how busy, how fast the last answer was.
export function LiveStrip() {
  const stream = useStore((state) => state.stream);
  const speed = useStore((state) => state.speed);
  const { data } = useModels();
  const status = data?.status;
  const connected = stream === "open";
  const tone = !connected ? "lost" : status?.ready ? "ready" : "waiting";
  return (
    <section className="strip" aria-label={m.strip()}>
      <span className="strip-state" data-tone={tone}>
        {!connected ? m.strip_lost() : status?.ready ? m.strip_ready() : status?.reason || m.strip_waiting()}
      </span>
      {connected && status?.model && <span className="strip-wide">{status.model}</span>}
      {connected && status?.device && <span className="strip-wide">{status.device}</span>}
      {connected && status !== undefined && status.active > 0 && (
        <span>{m.strip_active({ n: String(status.active) })}</span>
      )}
      {connected && status !== undefined && status.queued > 0 && (
        <span>{m.strip_queued({ n: String(status.queued) })}</span>
      )}
      {speed !== null && <span className="ml-auto">{m.tokens_per_second({ n: rate(speed) })}</span>}
    </section>
  );
}
