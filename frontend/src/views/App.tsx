import { useEffect } from "react";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { m } from "@/messages/gen/messages.js";
import { Notices } from "@/parts/Notices";
import { useSession } from "@/state/hooks";
import { sentence } from "@/state/sentences";
import { takeLink } from "@/state/session";
import { dismiss, useStore } from "@/state/store";
import { FullPage } from "./FullPage";
import { SignIn } from "./SignIn";
import { Shell } from "./shell/Shell";

export function App() {
  const session = useSession();
  const notices = useStore((state) => state.notices);

  // A link pasted into an open tab changes only the fragment.
  useEffect(() => {
    const onHash = () => void takeLink();
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);

  return (
    // Addresses live in the fragment: they work the same from the box and from
    // the window, and no conversation id is ever sent as a page address.
    <Router hook={useHashLocation}>
      {session.isPending ? (
        <FullPage busy title={m.starting()} />
      ) : session.isError && !session.data ? (
        <FullPage
          title={m.box_unreachable()}
          text={sentence(session.error)}
          action={{ label: m.try_again(), run: () => void session.refetch() }}
        />
      ) : session.data?.signed_in ? (
        <Shell />
      ) : (
        <SignIn />
      )}
      <Notices items={notices} onDismiss={dismiss} />
    </Router>
  );
}
