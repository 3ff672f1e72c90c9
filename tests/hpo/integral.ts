/** Simpson's rule, for tests that check closed forms. */
export function integral(f: (x: number) => number, from: number, to: number, intervals = 2000): number {
  const step = (to - from) / intervals
  let sum = f(from) + f(to)
  for (let i = 1; i < intervals; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * step)
  return (sum * step) / 3
}
