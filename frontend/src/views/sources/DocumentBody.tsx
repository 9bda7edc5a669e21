import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Block } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { readBlocks } from "@/state/documents/collections";
import { type Group, grouped, quoted, type Range } from "@/state/documents/quotes";
import { integer } from "@/state/numbers";

// How many blocks are drawn around the passage, and with each look further.
const around = 60;
const further = 200;

// DocumentBody draws what a file says, as plain text, with the passage marked.
// from and to are the places of its blocks (inclusive); -1: none.
export function DocumentBody({
  document,
  read,
  whole,
  from: firstOf,
  to: lastOf,
  quote,
  lost,
}: {
  readonly document: string;
  // The blocks around the passage; of a long document they are not all.
  readonly read: readonly Block[];
  // Nothing follows what was read.
  readonly whole: boolean;
  readonly from: number;
  readonly to: number;
  readonly quote: string;
  // The passage is not in the file any more.
  readonly lost: boolean;
}) {
  const [blocks, setBlocks] = useState(read);
  const [ended, setEnded] = useState(whole);
  const start = blocks[0]?.seq ?? 0;
  const from = firstOf < 0 ? -1 : firstOf - start;
  const to = lastOf < 0 ? -1 : lastOf - start;
  const [first, setFirst] = useState(Math.max(0, from - around));
  const [end, setEnd] = useState(Math.min(blocks.length, Math.max(to, 0) + around));
  const frame = useRef<HTMLDivElement>(null);
  const marks = useMemo(() => quoted(blocks, from, to, quote), [blocks, from, to, quote]);
  const groups = useMemo(() => grouped(blocks, first, end), [blocks, first, end]);

  useEffect(() => {
    const passage = frame.current?.querySelector("mark") ?? frame.current?.querySelector("[data-passage]");
    passage?.scrollIntoView({ block: "center" });
  }, []);

  const before = async () => {
    if (first > 0) {
      setFirst(Math.max(0, first - further));
      return;
    }
    const at = Math.max(0, start - further);
    const more = (await readBlocks(document, at, start - at))?.slice(0, start - at);
    if (!more) return;
    setBlocks([...more, ...blocks]);
    setEnd(end + more.length);
  };
  const after = async () => {
    if (end >= blocks.length) {
      const more = await readBlocks(document, start + blocks.length, further);
      if (!more) return;
      setBlocks([...blocks, ...more]);
      setEnded(more.length < further);
    }
    setEnd(end + further);
  };

  const draw = (i: number) => drawBlock(blocks[i], marks.get(i));
  const inPassage = (i: number | undefined) => (i !== undefined && i >= from && i <= to) || undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section ref={frame} className="source-body" tabIndex={0} aria-label={m.source_text()} dir="auto">
      {lost && <p className="source-note">{m.source_changed()}</p>}
      {(first > 0 || start > 0) && (
        <Button look="quiet" onClick={() => void before()}>
          {m.source_more_before()}
        </Button>
      )}
      {groups.map((group) => (
        <Part
          key={`${group.kind} ${group.blocks[0] ?? `page ${group.page}`}`}
          group={group}
          blocks={blocks}
          draw={draw}
          inPassage={inPassage}
        />
      ))}
      {(end < blocks.length || !ended) && (
        <Button look="quiet" onClick={() => void after()}>
          {m.source_more_after()}
        </Button>
      )}
    </section>
  );
}

interface PartOf {
  readonly group: Group;
  readonly blocks: readonly Block[];
  readonly draw: (i: number) => ReactNode;
  readonly inPassage: (i: number | undefined) => true | undefined;
}

function Part({ group, blocks, draw, inPassage }: PartOf) {
  const one = group.blocks[0] ?? 0;
  switch (group.kind) {
    case "page":
      return <p className="source-page">{m.page_n({ n: integer(group.page) })}</p>;
    case "heading":
      return (
        <h3 data-level={Math.min(blocks[one]?.level ?? 1, 4)} data-passage={inPassage(one)}>
          {draw(one)}
        </h3>
      );
    case "item":
      return (
        <ul>
          {group.blocks.map((i) => (
            <li key={i} data-passage={inPassage(i)}>
              {draw(i)}
            </li>
          ))}
        </ul>
      );
    case "table":
      return <Rows group={group} blocks={blocks} draw={draw} inPassage={inPassage} />;
    default:
      return (
        <p data-kind={group.kind} data-passage={inPassage(one)}>
          {draw(one)}
        </p>
      );
  }
}

function Rows({ group, blocks, draw, inPassage }: PartOf) {
  return (
    // Wide tables scroll by themselves; the keyboard has to reach them.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="source-table" tabIndex={0} aria-label={m.table()}>
      <table>
        <tbody>
          {group.blocks.map((i) => {
            const { cells, head } = blocks[i] ?? {};
            return (
              <tr key={i} data-passage={inPassage(i)}>
                {cells && cells.length > 0 ? (
                  cells.map((cell, column) => {
                    const Cell = head ? "th" : "td";
                    return (
                      // biome-ignore lint/suspicious/noArrayIndexKey: cells of a row have no other name
                      <Cell key={column}>{cell}</Cell>
                    );
                  })
                ) : (
                  <td>{draw(i)}</td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function drawBlock(block: Block | undefined, mark: Range | undefined): ReactNode {
  if (!block) return null;
  if (block.hidden) {
    return (
      <>
        <span className="source-hidden">{m.source_hidden()}</span> <s>{block.text}</s>
      </>
    );
  }
  if (!mark) return block.text;
  return (
    <>
      {block.text.slice(0, mark.start)}
      <mark>{block.text.slice(mark.start, mark.end)}</mark>
      {block.text.slice(mark.end)}
    </>
  );
}
