import { m } from "@/messages/gen/messages.js";
import { useSession } from "@/state/hooks";
import { useSignIn } from "@/state/session";
import { FullPage } from "./FullPage";

const command = "alcove link";

export function SignIn() {
  const failed = useSignIn((state) => state.failed);
  const session = useSession();
  return (
    <FullPage title={m.signin_title()}>
      {failed && (
        <p role="alert" className="w-full rounded-md bg-bad-soft px-4 py-3 text-sm text-bad">
          {failed}
        </p>
      )}
      <p className="leading-relaxed text-ink-2">{m.signin_text()}</p>
      <pre className="w-full rounded-md border border-line bg-surface px-4 py-3 font-mono text-sm">
        <code>{command}</code>
      </pre>
      <p className="text-sm leading-relaxed text-ink-3">{m.signin_note()}</p>
      <button
        type="button"
        className="text-sm font-medium text-accent underline-offset-4 hover:underline"
        onClick={() => void session.refetch()}
      >
        {m.signin_check()}
      </button>
    </FullPage>
  );
}
