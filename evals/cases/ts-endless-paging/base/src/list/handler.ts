import type { Page } from "./page";

export function page(items: string[], last: string | undefined): Page {
  return { items, nextCursor: last ?? null };
}
