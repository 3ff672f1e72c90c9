/** Weights by label, as the parameter `classWeight` says them. */
import { fail } from '../core/errors.ts'
import type { Learnable } from '../estimator/index.ts'

export type ClassWeights = Readonly<Record<string, number>>

/** Whether something is weights by label: numbers of at least 0. */
export function isClassWeights(given: unknown): given is ClassWeights {
  return (
    typeof given === 'object' &&
    given !== null &&
    Object.values(given).every((weight) => typeof weight === 'number' && weight >= 0 && weight < Number.POSITIVE_INFINITY)
  )
}

/** The weight of each label; 1 where none is given. @throws BAD_OPTION for a label that there is not */
export function classWeightsOf({ name, y, width, classes }: Learnable, given: 'balanced' | ClassWeights): Float64Array {
  if (given === 'balanced') return balancedWeights(y, undefined, width)
  const weights = new Float64Array(width).fill(1)
  for (const [label, weight] of Object.entries(given)) {
    const named = classes?.indexOf(label) ?? -1
    const place = named >= 0 ? named : Number(label)
    if (!Number.isInteger(place) || place < 0 || place >= width)
      throw fail(
        'BAD_OPTION',
        'classWeight',
        label,
        weight,
        `for a label of data set '${name}': ${classes?.join(', ') ?? `0 to ${width - 1}`}`,
      )
    weights[place] = weight
  }
  return weights
}

/** Rows / (labels there are * rows of the label): all labels weigh the same. `times` counts rows more than once, or not at all. */
export function balancedWeights(labels: ArrayLike<number>, times: Int32Array | undefined, width: number): Float64Array {
  const counts = new Float64Array(width)
  let rows = 0
  for (let row = 0; row < labels.length; row++) {
    const n = times === undefined ? 1 : (times[row] as number)
    counts[labels[row] as number] = (counts[labels[row] as number] as number) + n
    rows += n
  }
  const there = counts.reduce((n, count) => n + (count > 0 ? 1 : 0), 0)
  return counts.map((count) => (count === 0 ? 0 : rows / (there * count)))
}

/** Weights of rows of which at least one weighs something. @throws FIT_WEIGHTS */
export function someWeigh(name: string, weights: Float64Array): Float64Array {
  if (!weights.some((weight) => weight > 0)) throw fail('FIT_WEIGHTS', name, 'times those of classWeight, all of them are 0')
  return weights
}
