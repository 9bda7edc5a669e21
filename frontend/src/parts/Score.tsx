// Score is a bar from 0 to 1, with a mark at what has to be reached. It says
// nothing that does not stand beside it.
export function Score({ value, mark }: { readonly value: number; readonly mark?: number }) {
  const percent = (n: number) => `${100 * Math.min(1, Math.max(0, n))}%`;
  return (
    <svg className="score" aria-hidden="true">
      <rect className="score-track" y="3" width="100%" height="5" rx="2.5" />
      <rect className="score-value" y="3" width={percent(value)} height="5" rx="2.5" />
      {mark !== undefined && <rect className="score-mark" x={percent(mark)} width="2" height="11" rx="1" />}
    </svg>
  );
}
