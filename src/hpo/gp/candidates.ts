/** Points to begin a search from. */
import type { Random } from '../../core/random.ts'
import type { Axis } from '../axes.ts'
import { mostDimensions, sobolSequence } from '../sobol/sequence.ts'

/** The first points of a scrambled Sobol sequence. */
export function evenly(axes: readonly Axis[], count: number, chance: Random): Float64Array[] {
  const sequence = sobolSequence(Math.min(axes.length, mostDimensions), chance)
  return Array.from({ length: count }, (_, i) => {
    const even = sequence(i)
    return axes.length <= even.length ? even : Float64Array.from(axes, (_, d) => even[d] ?? chance.uniform())
  })
}

/** How far from a center, on the unit interval: improvements come in all sizes. */
const deviations = [0.2, 0.05, 0.01]

/** Points around others, as many around each; half of them differ from it on a few axes only. */
export function nearby(axes: readonly Axis[], centers: readonly Float64Array[], count: number, chance: Random): Float64Array[] {
  return Array.from({ length: count }, (_, i) => {
    const center = centers[i % centers.length]!
    const deviation = deviations[chance.int(deviations.length)]!
    const share = chance.uniform() < 0.5 ? 1 : Math.max(0.2, 2 / axes.length)
    const surely = chance.int(axes.length)
    return Float64Array.from(axes, (axis, d) => {
      if (d !== surely && chance.uniform() >= share) return center[d]!
      if (axis.kind === 'list') return chance.uniform()
      const u = center[d]! + Math.max(deviation, 1 / axis.cells) * chance.normal()
      return u < 0 || u > 1 ? chance.uniform() : u
    })
  })
}
