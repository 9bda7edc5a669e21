import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { Attention as Found } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useAttention } from "@/state/monitor/hooks";
import { dateTime } from "@/state/numbers";
import { sentence } from "@/state/sentences";
import { useStore } from "@/state/store";

type Item = Found["items"][number];

const looks: Record<Item["severity"], { readonly Icon: typeof Info; readonly name: () => string }> = {
  info: { Icon: Info, name: m.severity_info },
  warning: { Icon: TriangleAlert, name: m.severity_warning },
  critical: { Icon: CircleAlert, name: m.severity_critical },
};

// Attention is what somebody has to look at; one calm line when all is well.
export function Attention() {
  const { data, isPending, error, refetch } = useAttention();
  const stream = useStore((state) => state.stream);
  const items = data?.items ?? [];
  return (
    <section aria-labelledby="attention-title" className="attention">
      <h3 id="attention-title" className="sr-only">
        {m.attention()}
      </h3>
      {/* It is there before it has words: a change is then read out. The titles
          alone: causes have figures that change all the time. */}
      <div role="status">
        {isPending && <span className="sr-only">{m.loading()}</span>}
        {stream === "lost" && <p className="trouble">{m.attention_unknown()}</p>}
        {/* Of a box that cannot be heard nobody knows that it is well. */}
        {data && items.length === 0 && stream === "open" && (
          <p className="attention-well">
            <CircleCheck size={17} aria-hidden="true" />
            {m.attention_well()}
          </p>
        )}
        {items.length > 0 && <span className="sr-only">{items.map(({ title }) => title).join(". ")}</span>}
      </div>
      {items.length > 0 && (
        <ul className="attention-list">
          {items.map((item) => (
            <Row key={item.id} item={item} />
          ))}
        </ul>
      )}
      {error && !data && (
        <div role="alert" className="trouble">
          <p>{sentence(error)}</p>
          <Button onClick={() => void refetch()}>{m.try_again()}</Button>
        </div>
      )}
    </section>
  );
}

function Row({ item }: { readonly item: Item }) {
  const { Icon, name } = looks[item.severity] ?? looks.warning;
  return (
    <li className="attention-item" data-severity={item.severity}>
      <Icon size={17} aria-hidden="true" />
      <div>
        <p className="attention-title">
          <span className="sr-only">{name()}: </span>
          {item.title}
        </p>
        <p>{item.cause}</p>
        <p>{item.advice}</p>
        <p className="attention-since">{m.attention_since({ when: dateTime(item.since) })}</p>
      </div>
    </li>
  );
}
