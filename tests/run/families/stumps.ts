/**
 * Averages of random stumps: an estimator small enough to be seen through, with a family. `nEstimators` is a prefix, `alpha` smooths
 * the counts of the same stumps; `buckets` says where they cut, and is no part of the family.
 */
import { fail } from '../../../src/core/errors.ts'
import { random } from '../../../src/core/random.ts'
import type { Table } from '../../../src/data/index.ts'
import {
  type Estimator,
  type Examples,
  examplesOf,
  type FitOptions,
  likeliest,
  type Predictor,
  scoreOf,
} from '../../../src/estimator/index.ts'

export type StumpParams = {
  readonly nEstimators: number
  readonly alpha: number
  readonly buckets: number
  /** Milliseconds that a fit waits. */
  readonly pause: number
}

/** Fits there were, of any kind. */
export const fits = { alone: 0, together: 0 }

interface Stump {
  readonly feature: number
  readonly at: number
  /** Rows of each label on either side. */
  readonly counts: readonly [Float64Array, Float64Array]
}

export function stumps(params: Partial<StumpParams> = {}): Estimator<StumpParams> {
  const all: StumpParams = { nEstimators: 10, alpha: 1, buckets: 4, pause: 0, ...params }
  if (all.alpha < 0) throw fail('BAD_OPTION', 'stumps', 'alpha', all.alpha, 'at least 0')
  return {
    name: 'stumps',
    task: 'classification',
    getParams: () => all,
    withParams: (changed) => stumps({ ...all, ...changed }),
    async fit(data, options = {}) {
      fits.alone++
      if (all.nEstimators === 13) throw new Error('thirteen is too much')
      const examples = examplesOf(data)
      return predictorOf(all, examples, await grow(examples, all, all.nEstimators, options))
    },
    family: {
      axes: ['nEstimators', 'alpha'],
      async fit(data, members, options = {}) {
        fits.together++
        if (members.some(({ nEstimators }) => nEstimators === 13)) throw new Error('thirteen is too much')
        const examples = examplesOf(data)
        const grown = await grow(examples, all, Math.max(...members.map(({ nEstimators }) => nEstimators)), options)
        const member = (index: number) => predictorOf(members[index] as StumpParams, examples, grown)
        return {
          size: members.length,
          member,
          *outputs(held: Table | Examples) {
            for (const index of members.keys()) yield member(index).outputs(held)
          },
        }
      },
    },
  }
}

async function grow(
  { x, y, rows, features, classes }: Examples,
  { buckets, pause }: StumpParams,
  count: number,
  options: FitOptions,
): Promise<Stump[]> {
  const width = classes?.length ?? 2
  const grown: Stump[] = []
  await new Promise((resolve) => setTimeout(resolve, pause))
  for (let t = 0; t < count; t++) {
    const chance = random(options.seed ?? 0).fork('stump', t)
    const feature = Math.floor(chance.uniform() * features.length)
    const at = (Math.floor(chance.uniform() * buckets) + 0.5) / buckets - 0.5
    const counts = [new Float64Array(width), new Float64Array(width)] as const
    for (let row = 0; row < rows; row++) {
      const side = (x[row * features.length + feature] as number) > at ? 1 : 0
      counts[side][y?.[row] as number]!++
    }
    grown.push({ feature, at, counts })
    options.onProgress?.(t + 1, count)
    if (t % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
    options.signal?.throwIfAborted()
  }
  return grown
}

function predictorOf(params: StumpParams, { features, classes }: Examples, grown: readonly Stump[]): Predictor {
  const width = classes?.length ?? 2
  const used = grown.slice(0, params.nEstimators)
  const outputs = (data: Table | Examples) => {
    const { x, rows } = examplesOf(data)
    const made = new Float64Array(rows * width)
    for (const { feature, at, counts } of used) {
      for (let row = 0; row < rows; row++) {
        const side = counts[(x[row * features.length + feature] as number) > at ? 1 : 0] as Float64Array
        const total = side.reduce((a, b) => a + b, 0)
        for (let k = 0; k < width; k++)
          made[row * width + k]! += ((side[k] as number) + params.alpha) / (total + params.alpha * width) / used.length
      }
    }
    return made
  }
  const predict = (data: Table | Examples) => likeliest(outputs(data), width)
  return {
    ...{ estimator: 'stumps', task: 'classification', params, features, classes, width, outputs, predict },
    score: (data) => scoreOf('classification', 'stumps', width, predict(data), examplesOf(data)),
    toOnnx: () => new TextEncoder().encode(JSON.stringify(params)),
    toJson: () => ({ params, stumps: grown.length }),
  }
}
