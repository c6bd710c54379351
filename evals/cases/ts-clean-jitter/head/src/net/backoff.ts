export function backoff(attempt: number): number {
  const cap = Math.min(30_000, 250 * 2 ** attempt);
  return cap / 2 + Math.random() * (cap / 2);
}
