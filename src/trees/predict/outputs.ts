/**
 * Outputs of ensembles. Leaf values are added in double precision and in the order of the trees, and scaled at the end: so outputs
 * are the same numbers however rows come together, and those of a prefix are those of the smaller ensemble.
 */
import type { Examples } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { addTrees } from './add.ts'
import { linked } from './link.ts'
import { type Packed, pack } from './pack.ts'

/** An ensemble ready for predicting: packed when it is first asked. */
export interface Compiled {
  readonly ensemble: Ensemble
  /** For rows in which values may be missing, or not. */
  packed(missing: boolean): Packed
}

/**
 * Law: `outputs` of what is compiled are, to the bit, those of walking every tree with `leafOf`.
 *
 * @example
 * ```ts
 * const compiled = compile(ensemble)
 * const shares = outputs(compiled, Float32Array.of(5.1, 3.5), 1)
 * ```
 */
export function compile(ensemble: Ensemble): Compiled {
  const { trees, features } = ensemble
  let plain: Packed | undefined
  let missing: Packed | undefined
  const forAll = () => (plain ??= pack(trees, features.length, false))
  // Where no missing value goes left, none needs a column of its own.
  const forMissing = () =>
    (missing ??= trees.some(({ missingLeft }) => missingLeft.includes(1)) ? pack(trees, features.length, true) : forAll())
  return { ensemble, packed: (mayMiss) => (mayMiss ? forMissing() : forAll()) }
}

/** Row-major [rows, width]; the link 'logistic' makes two columns of one. `x` is [rows, features]. */
export function outputs({ ensemble, packed }: Compiled, x: Float32Array, rows: number): Float64Array {
  const { trees, width, scale } = ensemble
  const sums = new Float64Array(rows * width)
  addTrees({ ensemble, packed: packed(hasMissing(x)), x, rows, sums }, 0, trees.length)
  return linked(ensemble, scale, sums)
}

/**
 * Outputs of the first so many trees, for each of these ascending numbers, from one pass. Law: each is what `outputs` gives of the
 * ensemble of those trees alone, scaled by `scaleOf` its number of trees.
 *
 * @example
 * ```ts
 * for (const shares of prefixOutputs(ensemble, [50, 100, 200], examples)) console.log(shares[0])
 * ```
 */
export function* prefixOutputs(
  ensemble: Ensemble,
  prefixes: readonly number[],
  { x, rows }: Examples,
  scaleOf: (trees: number) => number = (trees) => 1 / trees,
): Generator<Float64Array> {
  const trees = ensemble.trees.slice(0, prefixes.at(-1) ?? 0)
  const packed = compile({ ...ensemble, trees }).packed(hasMissing(x))
  const sums = new Float64Array(rows * ensemble.width)
  let done = 0
  for (const prefix of prefixes) {
    addTrees({ ensemble, packed, x, rows, sums }, done, prefix)
    done = prefix
    yield linked(ensemble, scaleOf(prefix), sums)
  }
}

function hasMissing(x: Float32Array): boolean {
  for (let k = 0; k < x.length; k++) if (Number.isNaN(x[k])) return true
  return false
}
