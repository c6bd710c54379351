export interface Page {
  items: string[];
  nextCursor: string | null;
}
