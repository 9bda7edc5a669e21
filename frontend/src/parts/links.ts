// What a model writes is not trusted. Only these kinds of address can be
// followed, and only by a person's click.
const allowed = new Set(["http:", "https:", "mailto:"]);

export interface SafeLink {
  readonly href: string;
  // Where the click really goes: host for the web, the address for mail.
  readonly host: string;
}

// safeLink gives the link to show for an address in an answer, or null when it
// must stay text (script, data, file and unknown schemes, relative addresses).
export function safeLink(address: string | undefined): SafeLink | null {
  if (!address) return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!allowed.has(url.protocol)) return null;
  if (url.protocol === "mailto:") return { href: url.href, host: decode(url.pathname) };
  // A name and password in front of the host is only ever there to mislead.
  url.username = "";
  url.password = "";
  return { href: url.href, host: url.host };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
