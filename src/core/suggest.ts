/** Known names closest to a misspelt one (Damerau-Levenshtein, at most a third of it wrong), nearest first. */
export function nearest(name: string, known: Iterable<string>, most = 3): string[] {
  const limit = Math.max(1, Math.ceil(name.length / 3))
  return [...known]
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance, candidate }) => distance <= limit || (name.length > 2 && candidate.startsWith(name)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** "Did you mean 'x'?" or the list of what there is: the last words of every "unknown name" error. */
export function suggest(name: string, known: Iterable<string>): string {
  const all = [...known]
  const near = nearest(name, all)
  if (near.length > 0) return `Did you mean ${near.map((n) => `'${n}'`).join(' or ')}?`
  return all.length === 0 ? 'There are none.' : `Known: ${all.slice(0, 30).join(', ')}${all.length > 30 ? ', ...' : ''}.`
}

function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      next.push(cost)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
