/** A bar of so many columns for a share of 0 to 1, in half columns: the filled part and the rest, to be colored apart. */
export function bar(share: number, width: number): { done: string; left: string } {
  const halves = Math.round(Math.min(1, Math.max(0, share)) * width * 2)
  const done = '━'.repeat(halves >> 1) + (halves % 2 === 1 ? '╸' : '')
  return { done, left: '─'.repeat(width - done.length) }
}
