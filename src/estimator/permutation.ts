/** What a predictor loses when a feature tells nothing any more. */
import { fail } from '../core/errors.ts'
import { random } from '../core/random.ts'
import { checkOptions } from '../core/registry.ts'
import type { Table } from '../data/index.ts'
import type { Predictor } from './estimator.ts'
import { type Examples, examplesOf } from './examples.ts'

export interface PermutationOptions {
  /** Shuffles of each feature. Default 5. */
  readonly repeats?: number
  /** Default 0. */
  readonly seed?: number | string
  /** How good a predictor is on examples; larger is better. Default: its `score`, accuracy or R squared. */
  readonly score?: (predictor: Predictor, examples: Examples) => number
}

export interface PermutationImportance {
  /** The features, in their order. */
  readonly names: readonly string[]
  /** Mean drop of the score over the repeats; below 0 where the shuffled feature did better. */
  readonly mean: Float64Array
  /** Standard deviation over the repeats (of the population, as numpy's). */
  readonly std: Float64Array
  /** Drops, row-major [features, repeats]. */
  readonly drops: Float64Array
}

/**
 * How much worse a predictor is on rows in which the values of one feature are dealt out to other rows, feature by feature. Unlike the
 * impurity of trees it is measured on whatever rows are given, best ones held out, and does not prefer features of many values; of two
 * features that say the same, it finds neither important.
 *
 * A feature's shuffles depend on the seed and its name, not on the other features. The table is not changed.
 *
 * L. Breiman: Random Forests. Machine Learning 45 (2001). As scikit-learn's permutation_importance.
 *
 * @throws NO_TARGET, FIT_EMPTY, PREDICT_FEATURES, BAD_OPTION
 * @example
 * ```ts
 * const { names, mean } = permutationImportance(predictor, set, { repeats: 10, seed: 1 })
 * ```
 */
export function permutationImportance(
  predictor: Predictor,
  data: Table | Examples,
  options: PermutationOptions = {},
): PermutationImportance {
  checkOptions('permutationImportance', options, ['repeats', 'seed', 'score'])
  const { repeats = 5, seed = 0, score = (of, examples) => of.score(examples) } = options
  if (!Number.isInteger(repeats) || repeats < 1)
    throw fail('BAD_OPTION', 'permutationImportance', 'repeats', repeats, 'a whole number, at least 1')
  const examples = examplesOf(data)
  const { name, rows, features, y } = examples
  if (y === undefined) throw fail('NO_TARGET', name)
  if (rows === 0) throw fail('FIT_EMPTY', name, 'rows')
  const whole = score(predictor, examples)
  const width = features.length
  const drops = new Float64Array(width * repeats)
  // One copy, in which one feature at a time is shuffled and put back.
  const x = examples.x.slice()
  for (const [k, feature] of features.entries()) {
    const values = Float32Array.from({ length: rows }, (_, row) => examples.x[row * width + k] as number)
    for (let repeat = 0; repeat < repeats; repeat++) {
      const dealt = random(seed).fork('permutation', feature.name, repeat).shuffle(values.slice())
      for (let row = 0; row < rows; row++) x[row * width + k] = dealt[row] as number
      drops[k * repeats + repeat] = whole - score(predictor, { ...examples, x })
    }
    for (let row = 0; row < rows; row++) x[row * width + k] = values[row] as number
  }
  const of = (k: number) => drops.subarray(k * repeats, (k + 1) * repeats)
  const mean = Float64Array.from(features, (_, k) => average(of(k)))
  const std = Float64Array.from(features, (_, k) => Math.sqrt(average(of(k).map((drop) => (drop - (mean[k] as number)) ** 2))))
  return { names: features.map(({ name }) => name), mean, std, drops }
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
