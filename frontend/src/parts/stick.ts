import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

// Nearer to the end than this counts as "reading the newest".
const nearPx = 56;

// useStickToBottom keeps a growing text's end in sight for a reader who is at
// the end, and leaves everybody else alone: scrolling up by hand unsticks,
// coming back to the end sticks again. While it is not active, nothing moves.
export function useStickToBottom(
  frame: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  active: boolean,
) {
  const stuck = useRef(true);
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    const element = frame.current;
    if (!element) return;
    stuck.current = true;
    setAway(false);
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, [frame]);

  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!active || !element || !inner) return;
    const gap = () => element.scrollHeight - element.scrollTop - element.clientHeight;
    const onScroll = () => {
      // Only an upward move is the reader's will; growth moves nothing up.
      if (element.scrollTop < lastTop.current - 1 && gap() > nearPx) stuck.current = false;
      else if (gap() <= nearPx) stuck.current = true;
      lastTop.current = element.scrollTop;
      setAway(!stuck.current && gap() > nearPx);
    };
    const onGrow = () => {
      if (stuck.current) toEnd();
      else setAway(gap() > nearPx);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    const watch = new ResizeObserver(onGrow);
    watch.observe(inner);
    watch.observe(element);
    return () => {
      element.removeEventListener("scroll", onScroll);
      watch.disconnect();
    };
  }, [frame, content, active, toEnd]);

  return { away, toEnd };
}
