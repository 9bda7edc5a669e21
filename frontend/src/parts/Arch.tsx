// Arch is the mark of the product: a niche in a wall with a light in it.
export function Arch({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} fill="none" strokeLinecap="round" aria-hidden="true">
      <path d="M7 28V15a9 9 0 0 1 18 0v13" stroke="currentColor" strokeWidth="2.4" />
      <path d="M13 28V15.5a3 3 0 0 1 6 0V28" className="stroke-accent" strokeWidth="2.4" />
    </svg>
  );
}
