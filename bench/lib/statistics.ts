/** Middle value; of an even number, the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Linear between the nearest two. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)] as number
  const high = sorted[Math.ceil(at)] as number
  return low + (high - low) * (at - Math.floor(at))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Half the distance between the quartiles, as a share of the median: how far apart single measurements lie. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values)
}

/**
 * Wilcoxon's signed-rank test of paired differences: how likely ranks as uneven as these, or more so, are where each difference
 * is as likely above 0 as below (two-sided, exact; differences of 0 are left out, equal sizes share their ranks), and by how
 * much those below 0 outweigh, from -1 (all are above) to 1 (all are below).
 */
export function signedRanks(differences: readonly number[]): { readonly p: number; readonly below: number } {
  const sizes = differences.filter((one) => one !== 0).sort((a, b) => Math.abs(a) - Math.abs(b))
  const n = sizes.length
  if (n === 0) return { p: 1, below: 0 }
  // Twice the ranks, so that shared ones are whole.
  const ranks = sizes.map((one) => {
    const first = sizes.findIndex((other) => Math.abs(other) === Math.abs(one))
    const last = sizes.findLastIndex((other) => Math.abs(other) === Math.abs(one))
    return first + last + 2
  })
  const total = n * (n + 1)
  // How likely each sum of the ranks above 0 is.
  let chances = new Float64Array(total + 1)
  chances[0] = 1
  for (const rank of ranks) chances = chances.map((chance, sum) => (chance + (sum >= rank ? (chances[sum - rank] as number) : 0)) / 2)
  const above = ranks.reduce((sum, rank, i) => sum + ((sizes[i] as number) > 0 ? rank : 0), 0)
  const off = Math.abs(above - total / 2)
  const p = chances.reduce((sum, chance, at) => sum + (Math.abs(at - total / 2) >= off - 1e-9 ? chance : 0), 0)
  return { p: Math.min(1, p), below: 1 - (2 * above) / total }
}
