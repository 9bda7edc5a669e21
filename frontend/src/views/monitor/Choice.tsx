import { useId } from "react";
import { m } from "@/messages/gen/messages.js";

// Choice is one filter: everything, or one of what there is. What is chosen
// stays in the list when it is there no more.
export function Choice({
  label,
  value = "",
  of,
  name = String,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly of: readonly string[];
  readonly name?: (value: string) => string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const all = [...new Set([...of, value])].filter(Boolean).sort((a, b) => a.localeCompare(b));
  return (
    <div className="choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{m.filter_all()}</option>
        {all.map((one) => (
          <option key={one} value={one}>
            {name(one)}
          </option>
        ))}
      </select>
    </div>
  );
}
