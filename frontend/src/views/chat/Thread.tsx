import { m } from "@/messages/gen/messages.js";
import { ask, choose, regenerate, sendAgain, takeBack } from "@/state/commands";
import { setDraft } from "@/state/drafts";
import { useChosenModel } from "@/state/hooks";
import type { Pending } from "@/state/store";
import { useStore } from "@/state/store";
import { root, type Step } from "@/state/tree";
import { Answer } from "./Answer";
import { Question } from "./Question";
import { Speaker } from "./Speaker";
import { StageLine } from "./StageLine";

// Thread is what is shown of a conversation: one path through its tree, then
// what is on its way.
export function Thread({
  conversation,
  path,
  pending,
}: {
  readonly conversation: string;
  readonly path: readonly Step[];
  readonly pending: readonly Pending[];
}) {
  const model = useChosenModel();
  const regenerating = useStore((state) => state.regenerating);
  const shown = pending.length === 0 ? path : upTo(path, pending[0]?.parent ?? null);
  const last = shown.at(-1)?.message;
  return (
    <div className="thread">
      {shown.map(({ message, siblings, index }) => {
        const parent = message.parent_id ?? root;
        const turn = (to: number) => {
          const sibling = siblings[to];
          if (sibling) choose(conversation, parent, sibling);
        };
        const versions = { index, count: siblings.length, go: turn };
        if (message.role === "user") {
          const edit = (text: string) => ask({ conversation, parent: message.parent_id, text, model: model?.id });
          return <Question key={message.id} text={message.text} versions={versions} onEdit={edit} />;
        }
        return (
          <Answer
            key={message.id}
            message={message}
            versions={versions}
            busy={regenerating.includes(message.id)}
            onAgain={() => void regenerate(conversation, parent, message.id, model?.id)}
          />
        );
      })}
      {pending.map((one) => (
        <Waiting key={one.id} pending={one} />
      ))}
      {last?.role === "assistant" && <Speaker key={last.id} message={last} />}
    </div>
  );
}

// upTo cuts the path behind parent, where the question on its way will stand.
function upTo(path: readonly Step[], parent: string | null): readonly Step[] {
  if (parent === null) return [];
  const at = path.findIndex((step) => step.message.id === parent);
  return at < 0 ? path : path.slice(0, at + 1);
}

function Waiting({ pending }: { readonly pending: Pending }) {
  return (
    <>
      <Question text={pending.text} />
      {pending.failed === null ? (
        <StageLine stage={null} />
      ) : (
        <div role="alert" className="trouble">
          <p>{pending.failed}</p>
          <p className="flex gap-4">
            <button type="button" className="link" onClick={() => sendAgain(pending)}>
              {m.send_again()}
            </button>
            <button type="button" className="link" onClick={() => setDraft(pending.conversation, takeBack(pending))}>
              {m.edit_unsent()}
            </button>
          </p>
        </div>
      )}
    </>
  );
}
