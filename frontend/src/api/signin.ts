// tokenIn finds the one-time token of a sign-in link (`/#signin=TOKEN`).
export function tokenIn(hash: string): string | null {
  const found = /^#signin=([A-Za-z0-9._~-]{8,512})$/.exec(hash);
  return found?.[1] ?? null;
}

// takeToken reads the token from the address bar and removes it there, also
// from the history, so that it cannot be seen or sent on.
export function takeToken(): string | null {
  const token = tokenIn(location.hash);
  if (location.hash.startsWith("#signin=")) history.replaceState(null, "", location.pathname);
  return token;
}
