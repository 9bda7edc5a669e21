// newId makes a UUID; randomUUID is there in secure contexts only.
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// A conversation has its id before its first question, so that a draft of that
// is read under it.
let next = newId();

export const nextConversation = () => next;

export function takeConversation(): string {
  const id = next;
  next = newId();
  return id;
}
