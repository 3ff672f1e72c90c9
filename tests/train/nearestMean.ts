/** Estimators as small as they can be, for tests of what is built on the contract. */

import type { Json } from '../../src/core/json.ts'
import { checkOptions } from '../../src/core/registry.ts'
import {
  checkFeatures,
  checkLearnable,
  type Estimator,
  type Examples,
  examplesOf,
  type Feature,
  likeliest,
  type Predictor,
  scoreOf,
  type Task,
} from '../../src/estimator/index.ts'
import { ops, toOnnx, trace, type Value } from '../../src/graph/index.ts'
import { tensor } from '../../src/tensor/index.ts'

export type NearestMeanParams = { readonly shrink: number; readonly jitter: number }

/** Fits since the process began, in their order: what was fitted with which seed and threads. */
export const fits: { seed: number | undefined; threads: number | undefined; rows: number }[] = []

/**
 * A row's logits are minus its squared distances to the means of the classes, up to what all have in common: 2 m.x - m.m. `shrink`
 * moves the means to 0; `jitter` adds noise of the seed to them. What is missing counts as 0.
 */
export function nearestMean(given: Partial<NearestMeanParams> = {}): Estimator<NearestMeanParams> {
  checkOptions('nearestMean', given, ['shrink', 'jitter'])
  const params = { shrink: 0, jitter: 0, ...given }
  return {
    name: 'nearestMean',
    task: 'classification',
    getParams: () => params,
    withParams: (changed) => nearestMean({ ...params, ...changed }),
    async fit(data, { seed = 0, threads, sampleWeight, signal, onProgress } = {}) {
      const { rows, x, y, width, features, classes } = checkLearnable(examplesOf(data), 'classification', sampleWeight)
      fits.push({ seed, threads, rows })
      const size = features.length
      const means = new Float64Array(width * size)
      const weights = new Float64Array(width)
      for (let row = 0; row < rows; row++) {
        const [label, weight] = [y[row] as number, sampleWeight?.[row] ?? 1]
        weights[label]! += weight
        for (let k = 0; k < size; k++) means[label * size + k]! += weight * (x[row * size + k] || 0)
      }
      for (let label = 0; label < width; label++) {
        await Promise.resolve()
        signal?.throwIfAborted()
        for (let k = 0; k < size; k++) {
          means[label * size + k]! *= (1 - params.shrink) / Math.max(1, weights[label] as number)
          means[label * size + k]! += params.jitter * Math.sin(seed + label * size + k)
        }
        onProgress?.(label + 1, width)
      }
      const norms = Array.from({ length: width }, (_, c) => means.subarray(c * size, (c + 1) * size).reduce((sum, m) => sum + m * m, 0))
      const logits = (row: Float32Array) =>
        norms.map((norm, c) => row.reduce((sum, value, k) => sum + 2 * (value || 0) * (means[c * size + k] as number), -norm))
      return predictorOf(
        'nearestMean',
        'classification',
        params,
        features,
        classes,
        width,
        (row) => softmax(logits(row)),
        (input) => {
          const matrix = Float32Array.from(
            { length: size * width },
            (_, i) => 2 * (means[(i % width) * size + Math.floor(i / width)] as number),
          )
          const known = ops.where(ops.equal(input, input), input, 0)
          const products = ops.matmul(known, ops.constant(tensor('float32', [size, width], matrix)))
          return ops.softmax(ops.sub(products, ops.constant(tensor('float32', [width], Float32Array.from(norms)))))
        },
      )
    },
  }
}

/** Predicts the mean of what it saw, times the first feature plus 1. */
export function meanRegressor(): Estimator<Record<string, never>> {
  return {
    name: 'meanRegressor',
    task: 'regression',
    getParams: () => ({}),
    withParams: () => meanRegressor(),
    async fit(data) {
      const { rows, y, features } = checkLearnable(examplesOf(data), 'regression')
      const mean = y.reduce((sum, value) => sum + value, 0) / rows
      return predictorOf(
        'meanRegressor',
        'regression',
        {},
        features,
        undefined,
        1,
        ([first = 0]) => [mean * (first + 1)],
        (input) => ops.mul(ops.add(ops.slice(input, 1, 0, 1), 1), mean),
      )
    },
  }
}

function predictorOf(
  estimator: string,
  task: Task,
  params: Predictor['params'],
  features: readonly Feature[],
  classes: readonly string[] | undefined,
  width: number,
  output: (row: Float32Array) => readonly number[],
  graph: (input: Value) => Value,
): Predictor {
  const outputs = (examples: Examples) => {
    checkFeatures(estimator, features, examples)
    const made = new Float64Array(examples.rows * width)
    for (let row = 0; row < examples.rows; row++)
      made.set(output(examples.x.subarray(row * features.length, (row + 1) * features.length)), row * width)
    return made
  }
  const predict = (examples: Examples) => (task === 'regression' ? outputs(examples) : likeliest(outputs(examples), width))
  return {
    ...{ estimator, task, params, features, classes, width },
    predict: (data) => predict(examplesOf(data)),
    outputs: (data) => outputs(examplesOf(data)),
    score: (data) => scoreOf(task, estimator, width, predict(examplesOf(data)), examplesOf(data)),
    toOnnx({ metadata } = {}) {
      const traced = trace(estimator, { x: { dtype: 'float32', shape: ['batch', features.length] } }, ({ x }) => ({ output: graph(x) }))
      return toOnnx(traced, { ...(metadata && { metadata }) })
    },
    toJson: () => ({ estimator, params, features: features.map(({ name }) => name), width }) as unknown as Json,
  }
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits)
  const powers = logits.map((z) => Math.exp(z - most))
  const total = powers.reduce((sum, p) => sum + p, 0)
  return powers.map((p) => p / total)
}
