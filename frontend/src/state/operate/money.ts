import { getLocale } from "@/messages/gen/runtime.js";

// money writes an amount; small ones keep the digits that say something.
export function money(amount: number, currency: string): string {
  const small = amount !== 0 && Math.abs(amount) < 1;
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: small ? 4 : 2 };
  try {
    return new Intl.NumberFormat(getLocale(), { style: "currency", currency, ...digits }).format(amount);
  } catch {
    return `${new Intl.NumberFormat(getLocale(), digits).format(amount)} ${currency}`; // no currency that the browser knows
  }
}

// readNumber reads what a person typed into a field, null where that is no
// number that is allowed. A comma is a decimal point.
export function readNumber(text: string, least: number, most: number, whole = false): number | null {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,10}(\.\d{1,6})?$/.test(plain)) return null;
  const value = Number(plain);
  if (value < least || value > most || (whole && !Number.isInteger(value))) return null;
  return value;
}
