export function backoff(attempt: number): number {
  return Math.min(30_000, 250 * 2 ** attempt);
}
