import type { ReactNode } from "react";

// Switch turns a part of the form on; what belongs to it is shown then.
export function Switch({
  label,
  note,
  on,
  onChange,
  children,
}: {
  readonly label: string;
  readonly note?: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly children?: ReactNode;
}) {
  return (
    <div className="channel">
      <label className="channel-switch">
        <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
        <span>
          {label}
          {note && <span className="panel-quiet block">{note}</span>}
        </span>
      </label>
      {on && <div className="channel-fields">{children}</div>}
    </div>
  );
}

// TextField is a labelled field; wrong marks it.
export function TextField({
  label,
  value,
  onChange,
  wrong = false,
  wide = false,
  ...rest
}: {
  readonly label: string;
  readonly value: string | number;
  readonly onChange: (value: string) => void;
  readonly wrong?: boolean;
  readonly wide?: boolean;
  readonly type?: "text" | "number" | "password" | "time" | "url";
  readonly placeholder?: string;
  readonly autoComplete?: string;
}) {
  return (
    <label className={wide ? "form-field is-wide" : "form-field"}>
      <span>{label}</span>
      <input
        className="field"
        value={value}
        aria-invalid={wrong}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    </label>
  );
}
