// Bar is how much of something is used, in a picture and in words.
export function Bar({ name, share, text }: { readonly name: string; readonly share: number; readonly text: string }) {
  const whole = Math.min(1, Math.max(0, share));
  return (
    <div className="bar" data-full={whole > 0.9 ? true : undefined}>
      <span className="bar-name">{name}</span>
      <span className="bar-text">{text}</span>
      <span className="bar-track" aria-hidden="true">
        <span style={{ width: `${whole * 100}%` }} />
      </span>
    </div>
  );
}

// Fact is one line of a list; what nobody knows has none.
export function Fact({ name, text }: { readonly name: string; readonly text: string | undefined }) {
  if (!text) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}
