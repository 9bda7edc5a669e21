// One animation frame draws all charts that have something new to draw; with
// nothing new there is no frame. A chart that asks twice is drawn once.

const waiting = new Map<object, () => void>();
let asked: number | null = null;

export function nextFrame(owner: object, draw: () => void): void {
  waiting.set(owner, draw);
  if (asked === null) asked = requestAnimationFrame(drawAll);
}

export const forget = (owner: object) => void waiting.delete(owner);

function drawAll(): void {
  asked = null;
  const all = [...waiting.values()];
  waiting.clear();
  for (const draw of all) draw();
}
