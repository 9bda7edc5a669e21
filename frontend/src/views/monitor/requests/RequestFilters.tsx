import { useEffect, useState } from "react";
import type { RequestFilter, RequestRow } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { useModels } from "@/state/hooks";
import { Choice } from "../Choice";
import { className, knownClasses, knownRoutes, knownStatuses, routeName, statusName, whoName } from "../names";

interface Seen {
  readonly models: readonly string[];
  readonly who: readonly string[];
}

// RequestFilters offers what there is and what was seen in the log.
export function RequestFilters({
  filter,
  onFilter,
  rows,
}: {
  readonly filter: RequestFilter;
  readonly onFilter: (filter: RequestFilter) => void;
  readonly rows: readonly RequestRow[];
}) {
  const { data } = useModels();
  const [seen, setSeen] = useState<Seen>({ models: [], who: [] });
  useEffect(() => {
    setSeen((old) => ({
      models: together(
        old.models,
        rows.map((row) => row.model),
      ),
      who: together(
        old.who,
        rows.map((row) => row.who),
      ),
    }));
  }, [rows]);
  const choose = (field: keyof RequestFilter) => (value: string) => {
    const { [field]: _, ...rest } = filter;
    onFilter(value ? { ...rest, [field]: value } : rest);
  };
  const models = together(seen.models, data?.models.map((model) => model.id) ?? []);
  return (
    <div className="filters">
      <Choice label={m.filter_model()} value={filter.model} of={models} onChange={choose("model")} />
      <Choice label={m.filter_who()} value={filter.who} of={seen.who} name={whoName} onChange={choose("who")} />
      <Choice
        label={m.filter_route()}
        value={filter.route}
        of={knownRoutes}
        name={routeName}
        onChange={choose("route")}
      />
      <Choice
        label={m.filter_class()}
        value={filter.class}
        of={knownClasses}
        name={className}
        onChange={choose("class")}
      />
      <Choice
        label={m.filter_status()}
        value={filter.status}
        of={knownStatuses}
        name={statusName}
        onChange={choose("status")}
      />
    </div>
  );
}

// together gives the old list itself when nothing is new: nothing is drawn anew.
function together(old: readonly string[], more: readonly string[]): readonly string[] {
  const all = new Set([...old, ...more]);
  return all.size === old.length ? old : [...all];
}
