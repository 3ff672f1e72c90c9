/** Several losses at once: which points no other beats in all of them. Each point is its losses, one for each objective, smaller is better. */

/** Whether a is nowhere worse than b, and somewhere better. Equal points do not dominate each other. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false
  for (let k = 0; k < a.length; k++) {
    if (!((a[k] as number) <= (b[k] as number))) return false
    if ((a[k] as number) < (b[k] as number)) better = true
  }
  return better
}

/** The indices of the points that none dominates, in the order given. */
export function paretoFront(points: readonly (readonly number[])[]): number[] {
  // In the order of their losses, a point can be dominated by earlier ones only; and if so, by one of the front.
  const order = points.map((_, i) => i).sort((a, b) => compare(points[a]!, points[b]!) || a - b)
  const front: number[] = []
  for (const i of order) if (!front.some((j) => dominates(points[j]!, points[i]!))) front.push(i)
  return front.sort((a, b) => a - b)
}

/**
 * The indices in fronts: the first is not dominated, the second only by the first, and so on. Within a front in the order given.
 * K. Deb et al.: A fast and elitist multiobjective genetic algorithm: NSGA-II (2002).
 */
export function nonDominatedSort(points: readonly (readonly number[])[]): number[][] {
  const order = points.map((_, i) => i).sort((a, b) => compare(points[a]!, points[b]!) || a - b)
  const fronts: number[][] = []
  for (const i of order) {
    const front = fronts.find((members) => !members.some((j) => dominates(points[j]!, points[i]!)))
    if (front) front.push(i)
    else fronts.push([i])
  }
  return fronts.map((front) => front.sort((a, b) => a - b))
}

/**
 * How lonely each point of a front is: the sum over objectives of the distance between its neighbours on either side, as a share of
 * the front's extent; Infinity at the ends. Of points with equal losses one takes the place, and the others, being copies, get 0,
 * so that they are the first to go. (By the paper, which of them counts would depend on the order they come in.)
 * Infinite losses count as the largest finite ones.
 */
export function crowdingDistances(points: readonly (readonly number[])[]): number[] {
  const distances = points.map(() => 0)
  const keys = points.map((point) => point.join())
  const originals = points.map((_, i) => i).filter((i) => keys.indexOf(keys[i]!) === i)
  const objectives = points[0]?.length ?? 0
  for (let k = 0; k < objectives; k++) {
    const finite = points.map((point) => point[k]!).filter(Number.isFinite)
    const [low, high] = [Math.min(...finite), Math.max(...finite)]
    const of = (i: number) => (finite.length === 0 ? 0 : Math.min(high, Math.max(low, points[i]![k]!)))
    const order = originals.toSorted((a, b) => of(a) - of(b) || a - b)
    distances[order[0]!] = Number.POSITIVE_INFINITY
    distances[order.at(-1)!] = Number.POSITIVE_INFINITY
    // Halves, for the whole extent may be too large for a number.
    const extent = high / 2 - low / 2
    if (!(extent > 0)) continue
    for (let i = 1; i < order.length - 1; i++) distances[order[i]!]! += (of(order[i + 1]!) / 2 - of(order[i - 1]!) / 2) / extent
  }
  return distances
}

/**
 * The volume that points dominate, up to a reference point: larger is better. What does not dominate the reference adds nothing.
 * By slices along the last objective; meant for a few objectives and fronts of some hundred points.
 */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = points.filter((point) => point.every((loss, k) => loss < reference[k]!))
  return volume(
    paretoFront(inside).map((i) => inside[i]!),
    reference,
    reference.length,
  )
}

function volume(points: readonly (readonly number[])[], reference: readonly number[], objectives: number): number {
  if (points.length === 0) return 0
  const last = objectives - 1
  if (last === 0) return reference[0]! - Math.min(...points.map((point) => point[0]!))
  const order = points.toSorted((a, b) => a[last]! - b[last]!)
  let sum = 0
  for (let i = 0; i < order.length; i++) {
    const depth = (order[i + 1]?.[last] ?? reference[last]!) - order[i]![last]!
    if (depth > 0) sum += depth * volume(order.slice(0, i + 1), reference, last)
  }
  return sum
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return a[k]! < b[k]! ? -1 : 1
  return 0
}
