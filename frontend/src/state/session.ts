import { create } from "zustand";
import * as api from "@/api/calls";
import { takeToken } from "@/api/signin";
import { keys, queries } from "./client";
import { forgetDrafts } from "./drafts";
import { sentence } from "./sentences";
import { setState } from "./store";

// Why a sign-in link did not work, until the next try.
export const useSignIn = create<{ readonly failed: string | null }>(() => ({ failed: null }));

// takeLink uses the one-time token of a sign-in link, if there is one in the
// address bar. It is sent once, also when the page draws twice.
export async function takeLink(): Promise<void> {
  const token = takeToken();
  if (!token) return;
  try {
    await api.signIn(token);
    useSignIn.setState({ failed: null });
  } catch (thrown) {
    // Somebody who is signed in already may open an old link: let them in.
    const session = await api.getSession().catch(() => null);
    if (!session?.signed_in) useSignIn.setState({ failed: sentence(thrown) });
  }
  await queries.invalidateQueries({ queryKey: keys.session });
}

export async function signOut(): Promise<void> {
  await api.signOut().catch(() => undefined);
  forgetDrafts();
  setState({ pending: [], choices: {} });
  queries.clear();
  location.hash = "";
  location.reload();
}
