import { m } from "@/messages/gen/messages.js";
import { Arch } from "@/parts/Arch";
import { useModels } from "@/state/hooks";

export function Welcome({ onPick }: { readonly onPick: (text: string) => void }) {
  const { data } = useModels();
  const starters = [m.starter_explain(), m.starter_mail(), m.starter_list(), m.starter_table()];
  const pick = (text: string) => {
    onPick(text);
    document.getElementById("question")?.focus();
  };
  return (
    <div className="welcome">
      <Arch className="size-14" />
      <h2 className="text-2xl font-semibold tracking-tight text-balance">{m.welcome()}</h2>
      <p className="max-w-prose text-ink-2">{m.welcome_text()}</p>
      {data && data.models.length === 0 ? (
        <p role="status" className="trouble">
          {data.status.reason || m.models_none()}
        </p>
      ) : (
        <ul className="starters">
          {starters.map((text) => (
            <li key={text}>
              <button type="button" onClick={() => pick(text)}>
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
