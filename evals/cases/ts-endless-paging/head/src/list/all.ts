import type { Page } from "./page";

export async function all(fetchPage: (cursor: string | null) => Promise<Page>): Promise<string[]> {
  const items: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await fetchPage(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
