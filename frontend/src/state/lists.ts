import type { InfiniteData } from "@tanstack/react-query";
import type { Conversation, ConversationPage } from "@/api/types";

export type Pages = InfiniteData<ConversationPage, unknown>;

// put brings a conversation to the front of the list, once.
export function put(pages: Pages, conversation: Conversation): Pages {
  const rest = drop(pages, conversation.id);
  const [first, ...others] = rest.pages;
  if (!first) return rest;
  return { ...rest, pages: [{ ...first, conversations: [conversation, ...first.conversations] }, ...others] };
}

export function drop(pages: Pages, id: string): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      conversations: page.conversations.filter((one) => one.id !== id),
    })),
  };
}

export function flat(pages: Pages | undefined): Conversation[] {
  const seen = new Set<string>();
  const all: Conversation[] = [];
  for (const page of pages?.pages ?? []) {
    for (const one of page.conversations) {
      if (!seen.has(one.id)) all.push(one);
      seen.add(one.id);
    }
  }
  return all;
}
