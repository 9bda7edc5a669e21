import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";

type Look = "plain" | "solid" | "quiet" | "bad";

const looks: Record<Look, string> = {
  plain: "border border-line-strong bg-surface text-ink hover:bg-sunken",
  solid: "bg-accent text-on-accent hover:bg-accent-strong",
  quiet: "text-ink-2 hover:bg-sunken hover:text-ink",
  bad: "bg-bad text-on-accent hover:opacity-90",
};

export function Button({ look = "plain", className, ...rest }: ComponentProps<"button"> & { readonly look?: Look }) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx(
        "inline-flex h-9 items-center justify-center gap-2 rounded-md px-3.5 text-sm font-medium",
        "transition-colors disabled:opacity-50",
        looks[look],
        className,
      )}
    />
  );
}

// IconButton has no text, so it has a name for those who do not see the icon.
export function IconButton({
  label,
  size = "md",
  className,
  children,
  ...rest
}: Omit<ComponentProps<"button">, "aria-label" | "title"> & {
  readonly label: string;
  readonly size?: "sm" | "md";
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors",
        "hover:bg-sunken hover:text-ink disabled:opacity-40",
        size === "md" ? "size-9" : "size-7",
        className,
      )}
    >
      {children}
    </button>
  );
}
