import type { Change } from "@/api/desk";
import type { Document } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Dialog } from "@/parts/Dialog";
import { useDocument } from "@/state/documents/collections";
import { byHeading, type Cut, cuts, useChanges } from "@/state/documents/versions";
import { factsOf } from "@/state/documents/words";
import { integer } from "@/state/numbers";
import { sentence } from "@/state/sentences";

// CompareDialog shows what changed from one version to another.
export function CompareDialog({
  before,
  after,
  onClose,
}: {
  readonly before: Document;
  // The id of the newer one, which the list may not have.
  readonly after: string;
  readonly onClose: () => void;
}) {
  const changes = useChanges(before.id, after);
  const newer = useDocument(after).data;
  const titles = [before.title, newer?.title].flatMap((title) => (title ? [title] : []));
  return (
    <Dialog title={m.compare_title()} onClose={onClose}>
      <div className="compare">
        <dl className="compare-versions">
          <dt>{m.compare_before()}</dt>
          <dd>{nameOf(before)}</dd>
          <dt>{m.compare_after()}</dt>
          <dd>{newer ? nameOf(newer) : m.compare_newer()}</dd>
        </dl>
        {changes.isPending && (
          <p role="status" aria-busy="true" className="text-ink-3">
            {m.compare_running()}
          </p>
        )}
        {changes.isError && (
          <p role="alert" className="trouble">
            {sentence(changes.error)}
          </p>
        )}
        {changes.data?.length === 0 && (
          <p role="status" className="documents-empty">
            {m.compare_same()}
          </p>
        )}
        {changes.data && changes.data.length > 0 && (
          <p role="status" className="text-sm text-ink-3">
            {changes.data.length === 1 ? m.compare_one() : m.compare_n({ n: integer(changes.data.length) })}
          </p>
        )}
        {byHeading(changes.data ?? [], titles).map((part, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a heading may come twice
          <section key={i} className="compare-part">
            <h3>{part.heading || m.compare_top()}</h3>
            <ul>
              {part.changes.map((change, k) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: changes have no other name
                <li key={k}>
                  <Difference change={change} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

const kinds: Record<Change["kind"], () => string> = {
  added: m.compare_added,
  removed: m.compare_removed,
  changed: m.compare_changed,
};

// Texts of documents are plain text here as everywhere.
function Difference({ change }: { readonly change: Change }) {
  const { kind, before, after, page_before: pageBefore, page_after: pageAfter } = change;
  const [was, is] = cuts(before ?? "", after ?? "");
  return (
    <article className="difference" data-kind={kind}>
      <p className="difference-kind">{kinds[kind]()}</p>
      {before && (
        <del>
          <Page label={m.compare_before()} page={pageBefore} />
          <Words cut={was} />
        </del>
      )}
      {after && (
        <ins>
          <Page label={m.compare_after()} page={pageAfter} />
          <Words cut={is} />
        </ins>
      )}
    </article>
  );
}

// Words shows what only this version has; where all of it is new, that says nothing.
function Words({ cut: [before, own, after] }: { readonly cut: Cut }) {
  return (
    <span dir="auto">
      {before}
      {before + after === "" ? own : <b>{own}</b>}
      {after}
    </span>
  );
}

const Page = ({ label, page }: { readonly label: string; readonly page: number | undefined }) => (
  <span className="difference-page">{page ? `${label}, ${m.page_n({ n: integer(page) })}` : label}</span>
);

function nameOf({ name, title, version, effective }: Document): string {
  const facts = factsOf({ ...(version ? { version } : {}), ...(effective ? { effective } : {}) });
  return [title || name, facts].filter(Boolean).join(", ");
}
