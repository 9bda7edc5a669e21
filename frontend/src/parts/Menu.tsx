import { clsx } from "clsx";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useRef } from "react";

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly bad?: boolean;
  // What run shows takes the focus; else the menu's button gets it back.
  readonly takesFocus?: boolean;
  readonly run: () => void;
}

// Menu is not modal: a modal one would inject a style element, which the
// content security policy refuses.
export function Menu({ trigger, items }: { readonly trigger: ReactNode; readonly items: readonly MenuItem[] }) {
  const taken = useRef(false);
  const choose = (item: MenuItem) => {
    taken.current = item.takesFocus ?? false;
    item.run();
  };
  return (
    <DropdownMenu.Root modal={false} onOpenChange={() => (taken.current = false)}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="menu"
          onCloseAutoFocus={(event) => taken.current && event.preventDefault()}
        >
          {items.map((item) => (
            <DropdownMenu.Item
              key={item.label}
              onSelect={() => choose(item)}
              className={clsx("menu-item", item.bad && "text-bad")}
            >
              {item.icon}
              {item.label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
