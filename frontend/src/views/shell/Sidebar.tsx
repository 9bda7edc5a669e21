import { Activity, Boxes, FileText, Search, Settings, SquarePen, X } from "lucide-react";
import { useDeferredValue, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Conversation } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Arch } from "@/parts/Arch";
import { Button, IconButton } from "@/parts/Button";
import { remove, rename } from "@/state/commands";
import { useCollections } from "@/state/documents/collections";
import { type GroupName, groupByDay } from "@/state/groups";
import { useConversations } from "@/state/hooks";
import { setSidebar, usePrefs } from "@/state/prefs";
import { sentence } from "@/state/sentences";
import { ConversationRow } from "./ConversationRow";
import { SearchResults } from "./SearchResults";
import { narrow } from "./Shell";

const groupTitles: Record<GroupName, () => string> = {
  today: m.group_today,
  yesterday: m.group_yesterday,
  week: m.group_week,
  older: m.group_older,
};

// A page that is no conversation.
export type Page = "documents" | "models" | "monitor";

export function Sidebar({
  current,
  page,
  onNew,
  onSettings,
}: {
  readonly current: string | null;
  readonly page: Page | null;
  readonly onNew: () => void;
  readonly onSettings: () => void;
}) {
  const open = usePrefs((prefs) => prefs.sidebar);
  const collections = useCollections();
  const [query, setQuery] = useState("");
  const found = useDeferredValue(query.trim());
  const close = () => {
    if (narrow()) setSidebar(false);
  };
  return (
    <>
      <button
        type="button"
        className="sidebar-shade"
        aria-label={m.sidebar_close()}
        tabIndex={-1}
        onClick={() => setSidebar(false)}
      />
      <nav
        id="sidebar"
        className="sidebar"
        aria-label={m.conversations()}
        inert={!open}
        onKeyDown={(event) => {
          if (event.key === "Escape" && narrow()) setSidebar(false);
        }}
      >
        <div className="flex items-center gap-2 px-4 pt-4 pb-3">
          <Arch className="size-7" />
          <span className="text-lg font-semibold tracking-tight">{m.app_name()}</span>
        </div>
        <div className="flex flex-col gap-2 px-3 pb-2">
          <Button className="justify-start" onClick={onNew}>
            <SquarePen size={16} aria-hidden="true" />
            {m.new_chat()}
          </Button>
          <div className="search">
            <Search size={15} aria-hidden="true" className="text-ink-3" />
            <input
              id="search"
              type="search"
              value={query}
              placeholder={m.search_placeholder()}
              aria-label={m.search_placeholder()}
              autoComplete="off"
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Escape" && query) {
                  setQuery("");
                  event.stopPropagation();
                }
              }}
            />
            {query && (
              <IconButton size="sm" label={m.search_clear()} onClick={() => setQuery("")}>
                <X size={14} />
              </IconButton>
            )}
          </div>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
          {found ? (
            <SearchResults q={found} current={current} onPick={close} />
          ) : (
            <List current={current} onPick={close} />
          )}
        </div>
        <div className="flex flex-col border-t border-line p-3">
          {collections.data && (
            <Link
              href="/documents"
              className="sidebar-link"
              aria-current={page === "documents" ? "page" : undefined}
              onClick={close}
            >
              <FileText size={16} aria-hidden="true" />
              {m.documents()}
            </Link>
          )}
          <Link
            href="/models"
            className="sidebar-link"
            aria-current={page === "models" ? "page" : undefined}
            onClick={close}
          >
            <Boxes size={16} aria-hidden="true" />
            {m.models()}
          </Link>
          <Link
            href="/monitor"
            className="sidebar-link"
            aria-current={page === "monitor" ? "page" : undefined}
            onClick={close}
          >
            <Activity size={16} aria-hidden="true" />
            {m.monitor()}
          </Link>
          <Button look="quiet" className="w-full justify-start" onClick={onSettings}>
            <Settings size={16} aria-hidden="true" />
            {m.settings()}
          </Button>
        </div>
      </nav>
    </>
  );
}

function List({ current, onPick }: { readonly current: string | null; readonly onPick: () => void }) {
  const { conversations, isPending, isError, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useConversations();
  const [, navigate] = useLocation();
  const now = useToday();
  const onRemove = (conversation: Conversation) => {
    const wasShown = conversation.id === current;
    if (wasShown) navigate("/");
    void remove(conversation, () => wasShown && navigate(`/c/${conversation.id}`));
  };
  if (isPending) return <Bones />;
  if (isError && conversations.length === 0) {
    return (
      <div role="alert" className="flex flex-col items-start gap-3 p-2 text-sm text-ink-2">
        <p>{sentence(error)}</p>
        <Button onClick={() => void refetch()}>{m.try_again()}</Button>
      </div>
    );
  }
  if (conversations.length === 0) return <p className="p-2 text-sm leading-relaxed text-ink-3">{m.list_empty()}</p>;
  return (
    <>
      {groupByDay(conversations, now).map((group) => (
        <section key={group.name} aria-label={groupTitles[group.name]()}>
          <h2 className="group-title">{groupTitles[group.name]()}</h2>
          <ul>
            {group.conversations.map((conversation) => (
              <ConversationRow
                key={conversation.id}
                conversation={conversation}
                current={conversation.id === current}
                onPick={onPick}
                onRename={(title) => void rename(conversation, title)}
                onRemove={() => onRemove(conversation)}
              />
            ))}
          </ul>
        </section>
      ))}
      {hasNextPage && (
        <Button look="quiet" className="mt-2 w-full" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {m.list_more()}
        </Button>
      )}
    </>
  );
}

function Bones() {
  return (
    <div aria-busy="true" aria-label={m.loading()} role="status" className="flex flex-col gap-2 p-2">
      <span className="bone w-2/3" />
      <span className="bone w-5/6" />
      <span className="bone w-1/2" />
    </div>
  );
}

const minuteMs = 60_000;

// useToday gives the time, anew each minute: at midnight "Today" moves on.
function useToday(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), minuteMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
