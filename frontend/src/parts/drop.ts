import { type DragEvent, useRef, useState } from "react";

// useFileDrop makes an element take files; data-drop says that some are over it.
export function useFileDrop(onFiles: (transfer: DataTransfer) => void) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const enter = (event: DragEvent, by: 1 | -1) => {
    if (!carriesFiles(event)) return;
    // Each element under the pointer tells of its own coming and going.
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  return {
    "data-drop": over || undefined,
    onDragEnter: (event: DragEvent) => enter(event, 1),
    onDragLeave: (event: DragEvent) => enter(event, -1),
    onDragOver: (event: DragEvent) => carriesFiles(event) && event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      onFiles(event.dataTransfer);
    },
  };
}
