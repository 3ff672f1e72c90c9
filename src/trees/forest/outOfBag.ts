/** How good a forest is for rows that its trees did not draw: a test without test data (L. Breiman, Random Forests, 2001). */
import { type Learnable, likeliest, scoreOf } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { leafOf } from '../tree.ts'
import { drawRows } from './growAll.ts'
import type { AnyParams } from './params.ts'
import { drawableRows, drawnRows, treeKey, weightsOf } from './plan.ts'

export interface OutOfBag {
  readonly oobScore: number
  readonly oobOutputs: Float64Array
}

/**
 * Rows that every tree drew have no outputs (NaN) and do not count. With few trees there are many of them; where no row is left, the
 * score is NaN.
 */
export function outOfBag(
  ensemble: Ensemble,
  examples: Learnable,
  params: AnyParams,
  sampleWeight: ArrayLike<number> | undefined,
): OutOfBag {
  const { rows, x, features, y } = examples
  const { width, trees, task, estimator, seed = 0 } = ensemble
  const outputs = new Float64Array(rows * width)
  const judges = new Int32Array(rows)
  const times = new Int32Array(rows)
  const drawn = drawnRows(estimator, params.maxSamples ?? null, rows)
  const drawable = drawableRows(weightsOf(examples, params, sampleWeight))
  trees.forEach((tree, t) => {
    drawRows(times, drawn, treeKey(seed, t).rows, drawable)
    for (let row = 0; row < rows; row++) {
      if (times[row] !== 0) continue
      const leaf = leafOf(tree, x, row * features.length)
      for (let k = 0; k < width; k++)
        outputs[row * width + k] = (outputs[row * width + k] as number) + (tree.value[leaf * width + k] as number)
      judges[row] = (judges[row] as number) + 1
    }
  })
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < width; k++) outputs[row * width + k] = (outputs[row * width + k] as number) / (judges[row] as number)
  const judged = Array.from(judges.keys()).filter((row) => (judges[row] as number) > 0)
  if (judged.length === 0) return { oobScore: Number.NaN, oobOutputs: outputs }
  const predicted = task === 'classification' ? likeliest(outputs, width) : outputs
  const of = { ...examples, rows: judged.length, y: Float64Array.from(judged, (row) => y[row] as number) }
  const score = scoreOf(
    task,
    estimator,
    width,
    Float64Array.from(judged, (row) => predicted[row] as number),
    of,
  )
  return { oobScore: score, oobOutputs: outputs }
}
