import { Component, type ReactNode, Suspense } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "./Button";

interface Props {
  readonly children: ReactNode;
}

// Later shows a part of the page that is loaded when it is looked at. A part
// that cannot be loaded says so in its place, and the rest of the page stays.
export class Later extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (this.state.failed) {
      return (
        <div role="alert" className="later">
          <p>{m.part_failed()}</p>
          {/* The browser remembers a module that failed until the page is loaded again. */}
          <Button onClick={() => location.reload()}>{m.part_reload()}</Button>
        </div>
      );
    }
    return (
      <Suspense
        fallback={
          <p role="status" aria-busy="true" className="later">
            {m.loading()}
          </p>
        }
      >
        {this.props.children}
      </Suspense>
    );
  }
}
