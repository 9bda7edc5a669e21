import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Arch } from "@/parts/Arch";
import { Button } from "@/parts/Button";

// FullPage is for the moments before there is a chat: starting, unreachable,
// signed out.
export function FullPage({
  title,
  text,
  busy,
  action,
  children,
}: {
  readonly title: string;
  readonly text?: string;
  readonly busy?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly children?: ReactNode;
}) {
  return (
    <main className="grid min-h-dvh place-items-center p-6" aria-busy={busy}>
      <div className="flex w-full max-w-md flex-col items-start gap-4">
        <Arch className={clsx("size-12 text-ink", busy && "breathe")} />
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        {text && <p className="leading-relaxed text-ink-2">{text}</p>}
        {children}
        {action && (
          <Button look="solid" onClick={action.run}>
            {action.label}
          </Button>
        )}
      </div>
    </main>
  );
}
