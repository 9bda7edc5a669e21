import { clsx } from "clsx";
import { useId } from "react";
import type { CatalogueRow } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { CopyButton } from "@/parts/CodeBlock";
import { useCatalogue } from "@/state/checks";
import { bytes, integer } from "@/state/numbers";
import { sentence } from "@/state/sentences";

// Catalogue lists models worth having, with what this box could do with each.
export function Catalogue() {
  const catalogue = useCatalogue();
  const title = useId();
  const rows = catalogue.data?.rows ?? [];
  const { room, recommended } = catalogue.data ?? {};
  return (
    <section className="catalogue" aria-labelledby={title}>
      <h3 id={title} className="text-base font-semibold">
        {m.catalogue()}
      </h3>
      <p className="text-sm text-ink-2">{m.catalogue_text()}</p>
      {room && room.memory > 0 && <p className="text-sm text-ink-3">{roomOf(room)}</p>}
      {catalogue.isError && !catalogue.data && (
        <p role="alert" className="trouble">
          {sentence(catalogue.error)}
        </p>
      )}
      {parts.map(({ purpose, heading, note }) => (
        <Part
          key={purpose}
          heading={heading()}
          note={note?.()}
          rows={rows.filter((row) => row.purpose === purpose)}
          recommended={recommended}
        />
      ))}
    </section>
  );
}

const parts: readonly {
  readonly purpose: CatalogueRow["purpose"];
  readonly heading: () => string;
  readonly note?: () => string;
}[] = [
  { purpose: "chat", heading: m.catalogue_chat },
  { purpose: "embeddings", heading: m.catalogue_embeddings, note: m.catalogue_later },
  { purpose: "reranker", heading: m.catalogue_reranker, note: m.catalogue_later },
];

const roomOf = (room: { memory: number; gpu: number }) =>
  room.gpu > 0
    ? m.catalogue_room_gpu({ memory: bytes(room.memory), gpu: bytes(room.gpu) })
    : m.catalogue_room({ memory: bytes(room.memory) });

function Part({
  heading,
  note,
  rows,
  recommended,
}: {
  readonly heading: string;
  readonly note: string | undefined;
  readonly rows: readonly CatalogueRow[];
  readonly recommended: string | undefined;
}) {
  if (rows.length === 0) return null;
  return (
    <>
      <h4 className="mt-3 text-sm font-semibold">{heading}</h4>
      {note && <p className="text-sm text-ink-3">{note}</p>}
      <ul className="catalogue-rows" aria-label={heading}>
        {rows.map((row) => (
          <li key={row.id} className="catalogue-row" data-recommended={row.id === recommended}>
            <Entry row={row} recommended={row.id === recommended} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Entry({ row, recommended }: { readonly row: CatalogueRow; readonly recommended: boolean }) {
  return (
    <>
      <div className="catalogue-name">
        <p className="font-semibold">
          {row.name}
          {recommended && <span className="catalogue-badge">{m.catalogue_recommended()}</span>}
          {row.have && <span className="catalogue-badge">{m.catalogue_have()}</span>}
        </p>
        <p className="text-sm text-ink-2">{row.note}</p>
        <p className="text-xs text-ink-3">{factsOf(row).join(" · ")}</p>
      </div>
      <p className={clsx("text-sm", lookOf(row))}>{fitOf(row)}</p>
      <details className="catalogue-get">
        <summary>{m.catalogue_get({ name: row.name })}</summary>
        <p>{m.catalogue_get_text()}</p>
        <dl>
          <Fact label={m.catalogue_where()} value={m.catalogue_repository({ site: row.site, name: row.repository })} />
          <Fact label={m.catalogue_file()} value={row.file} />
          <Fact label={m.catalogue_size()} value={sizeOf(row, m.catalogue_bytes({ n: integer(row.bytes) }))} />
          <Fact label={m.catalogue_sha()} value={row.sha256 || m.catalogue_sha_none()} copy={row.sha256} />
          <Fact label={m.catalogue_source()} value={row.source} />
        </dl>
      </details>
    </>
  );
}

function Fact({ label, value, copy }: { readonly label: string; readonly value: string; readonly copy?: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span className={copy ? "catalogue-code" : undefined}>{value}</span>
        {copy && <CopyButton text={copy} />}
      </dd>
    </div>
  );
}

const sizeOf = (row: CatalogueRow, size: string) => (row.exact ? size : m.catalogue_about({ size }));

function factsOf(row: CatalogueRow): string[] {
  const parameters = row.active ? m.catalogue_active({ all: row.parameters, active: row.active }) : row.parameters;
  return [
    m.catalogue_class({ n: row.class_gb }),
    sizeOf(row, bytes(row.bytes)),
    parameters,
    row.quant,
    m.catalogue_languages({ languages: row.languages }),
    row.licence,
  ];
}

function lookOf(row: CatalogueRow): string {
  if (row.verdict === "wont_fit") return "text-ink-3";
  return row.tight ? "text-warn" : "text-accent";
}

function fitOf(row: CatalogueRow): string {
  const need = bytes(row.need);
  switch (row.verdict) {
    case "fits":
      return row.tight ? m.catalogue_tight({ need }) : m.catalogue_fits({ need });
    case "fits_partly":
      return m.catalogue_partly({ need });
    case "wont_fit":
      return m.catalogue_wont({ need });
    default:
      return m.catalogue_needs({ need });
  }
}
