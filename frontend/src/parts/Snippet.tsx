// Snippet draws a search hit; the box marks what was found with U+0001 and
// U+0002, which no text that a person types can hold by accident.
export function Snippet({ text }: { readonly text: string }) {
  return (
    <>
      {marked(text).map((piece) =>
        piece.hit ? <mark key={piece.at}>{piece.text}</mark> : <span key={piece.at}>{piece.text}</span>,
      )}
    </>
  );
}

interface Piece {
  readonly at: number;
  readonly text: string;
  readonly hit: boolean;
}

export function marked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const part of text.split("\u0001")) {
    const end = at === 0 ? -1 : part.indexOf("\u0002");
    if (end > 0) pieces.push({ at, text: part.slice(0, end), hit: true });
    const rest = part.slice(end + 1);
    if (rest) pieces.push({ at: at + end + 1, text: rest, hit: false });
    at += part.length + 1;
  }
  return pieces;
}
