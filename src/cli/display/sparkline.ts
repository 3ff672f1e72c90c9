const levels = '▁▂▃▄▅▆▇█'

/** A curve in one line of at most so many characters: means of equal stretches, between the least and the greatest. */
export function sparkline(values: readonly number[], width: number): string {
  const known = values.filter(Number.isFinite)
  const count = Math.min(width, known.length)
  if (count < 2) return ''
  const means = Array.from({ length: count }, (_, i) => {
    const part = known.slice(Math.floor((i * known.length) / count), Math.floor(((i + 1) * known.length) / count))
    return part.reduce((a, b) => a + b, 0) / part.length
  })
  const [least, most] = [Math.min(...means), Math.max(...means)]
  const level = (value: number) => (most === least ? 0 : Math.round(((value - least) / (most - least)) * (levels.length - 1)))
  return means.map((value) => levels[level(value)]).join('')
}
