/**
 * Sums of absolute distances from the median on both sides of a cut that moves: two Fenwick trees over the places of the
 * target's values, from which a median and the sums round it are read in O(log n).
 */

export interface AbsoluteSplits {
  /** All rows of a node on the right side. */
  begin(start: number, end: number, rowOf: Int32Array, weightOf: Float64Array): void
  /** Row at this place goes to the left. */
  move(at: number): void
  /** Minus the sum of both sides' distances. */
  score(): number
  /** Of all rows on the right: the sum of distances, and the median. */
  total(): number
  median(): number
}

export function absoluteSplits(values: Float64Array): AbsoluteSplits {
  const sorted = Float64Array.from(new Set(values)).sort()
  const placeOfValue = new Map(Array.from(sorted, (value, place) => [value, place]))
  const places = Int32Array.from(values, (value) => placeOfValue.get(value) as number)
  const left = fenwick(sorted)
  const right = fenwick(sorted)
  let rows: Int32Array = places
  let weights: Float64Array = values
  return {
    begin(start, end, rowOf, weightOf) {
      left.clear()
      right.clear()
      rows = rowOf
      weights = weightOf
      for (let i = start; i < end; i++) right.add(places[rows[i] as number] as number, weights[i] as number)
    },
    move(at) {
      const place = places[rows[at] as number] as number
      right.add(place, -(weights[at] as number))
      left.add(place, weights[at] as number)
    },
    score: () => -(left.distances() + right.distances()),
    total: () => right.distances(),
    median: () => right.median(),
  }
}

/** Weights by place: their sums up to a place, and the place where half of them lie. */
function fenwick(sorted: Float64Array) {
  const size = sorted.length
  const weights = new Float64Array(size + 1)
  const sums = new Float64Array(size + 1)
  const touched: number[] = []
  let allWeight = 0
  let allSum = 0
  const highest = size === 0 ? 0 : 1 << (31 - Math.clz32(size))
  /** Value in the middle, and the weight and sum of those not above it. */
  const middle = () => {
    let at = 0
    let below = 0
    let sum = 0
    const half = allWeight / 2
    for (let step = highest; step > 0; step >>= 1) {
      if (at + step > size || below + (weights[at + step] as number) >= half - 1e-12 * allWeight) continue
      at += step
      below += weights[at] as number
      sum += sums[at] as number
    }
    return { value: sorted[Math.min(at, size - 1)] as number, at, below, sum }
  }
  /** The weighted median as scikit-learn's: half way to the next value where exactly half lies below. */
  const median = () => {
    const { value, at, below } = middle()
    const here = weightAt(at)
    if (Math.abs(below + here - allWeight / 2) > 1e-12 * allWeight) return value
    for (let next = at + 1; next < size; next++) if (weightAt(next) > 0) return (value + (sorted[next] as number)) / 2
    return value
  }
  const prefix = (array: Float64Array, end: number) => {
    let total = 0
    for (let i = end; i > 0; i -= i & -i) total += array[i] as number
    return total
  }
  const weightAt = (place: number) => prefix(weights, place + 1) - prefix(weights, place)
  return {
    clear() {
      for (const place of touched)
        for (let i = place + 1; i <= size; i += i & -i) {
          weights[i] = 0
          sums[i] = 0
        }
      touched.length = 0
      allWeight = 0
      allSum = 0
    },
    add(place: number, weight: number) {
      touched.push(place)
      const sum = weight * (sorted[place] as number)
      for (let i = place + 1; i <= size; i += i & -i) {
        weights[i] = (weights[i] as number) + weight
        sums[i] = (sums[i] as number) + sum
      }
      allWeight += weight
      allSum += sum
    },
    distances() {
      if (allWeight <= 0) return 0
      const { value, below, sum } = middle()
      // Those at the value itself add nothing, on whichever side they are counted.
      return value * below - sum + (allSum - sum) - value * (allWeight - below)
    },
    median,
  }
}
