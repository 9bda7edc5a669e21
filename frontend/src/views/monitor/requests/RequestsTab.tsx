import { Download } from "lucide-react";
import { useState } from "react";
import type { RequestFilter } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { requestsFile, useRequests } from "@/state/monitor/requests";
import { sentence } from "@/state/sentences";
import { RequestFilters } from "./RequestFilters";
import { RequestTable } from "./RequestTable";
import { Usage } from "./Usage";

// RequestsTab is who asked what of which model, and how that went. No text of
// anybody is in it.
export default function RequestsTab() {
  return (
    <>
      <Log />
      <Usage />
    </>
  );
}

function Log() {
  const [filter, setFilter] = useState<RequestFilter>({});
  const [reading, setReading] = useState(false);
  const requests = useRequests(filter, reading);
  const { rows, isPending, isError, error, data, isBehind } = requests;
  const filtered = Object.keys(filter).length > 0;
  return (
    <section aria-labelledby="requests-title" className="panel">
      <div className="chart-group-head">
        <h3 id="requests-title">{m.requests()}</h3>
        <a className="download" href={requestsFile(filter)} download="alcove-requests.csv">
          <Download size={15} aria-hidden="true" />
          {m.requests_csv()}
        </a>
      </div>
      <p className="panel-quiet">{m.requests_note()}</p>
      <RequestFilters filter={filter} onFilter={setFilter} rows={rows} />
      {isError && !data && (
        <div role="alert" className="trouble">
          <p>{sentence(error)}</p>
          <Button onClick={() => void requests.refetch()}>{m.try_again()}</Button>
        </div>
      )}
      {isPending && (
        <div role="status" aria-busy="true" aria-label={m.loading()} className="flex flex-col gap-2">
          <span className="bone w-full" />
          <span className="bone w-full" />
          <span className="bone w-2/3" />
        </div>
      )}
      {isBehind && data && (
        <p role="status" className="trouble">
          {m.requests_behind()}
        </p>
      )}
      {data && rows.length === 0 && (
        <p role="status" className="panel-quiet">
          {filtered ? m.requests_none_fit() : m.requests_none()}
        </p>
      )}
      {rows.length > 0 && <RequestTable key={JSON.stringify(filter)} rows={rows} onReading={setReading} />}
      {requests.hasNextPage && (
        <Button
          className="self-center"
          disabled={requests.isFetchingNextPage}
          onClick={() => void requests.fetchNextPage()}
        >
          {m.list_more()}
        </Button>
      )}
    </section>
  );
}
