/** Grows the trees of a plan, whichever a thread is given: the same tree everywhere. */
import { balancedWeights } from '../classWeight.ts'
import { treeBuilder } from '../grow/builder.ts'
import { below, drawAt } from '../grow/chance.ts'
import { classKernel } from '../grow/classes.ts'
import { createGrower } from '../grow/grow.ts'
import type { ValueCriterion } from '../grow/values.ts'
import { valueKernel } from '../grow/values.ts'
import type { Tree } from '../tree.ts'
import { type GrowPlan, treeKey } from './plan.ts'

/** A function from a tree's number to the tree. Its memory is used anew by each call. */
export function growerOf(plan: GrowPlan): (tree: number) => Tree {
  const {
    ranked,
    labels,
    values,
    classes,
    criterion,
    weights,
    drawn,
    drawable,
    maxDepth,
    minSamplesSplit,
    minRows,
    maxFeatures,
    randomThresholds,
    seed,
  } = plan
  const drawnFrom = drawable?.length ?? ranked.rows
  const weightARow = weights === undefined ? 1 : weights.reduce((sum, weight) => sum + weight, 0) / drawnFrom
  const allWeight = weightARow * (drawn ?? drawnFrom)
  const limits = { minRows, minWeight: plan.minWeightFraction * allWeight }
  const kernel = labels
    ? classKernel(ranked, { labels, classes, entropy: criterion !== 'gini' }, limits)
    : valueKernel(ranked, { values: values as Float64Array, criterion: criterion as ValueCriterion }, limits)
  const grow = createGrower(ranked, kernel, treeBuilder(classes, labels === undefined), {
    ...limits,
    ...{ maxDepth, minSamplesSplit, maxFeatures, randomThresholds },
  })
  const times = drawn === undefined ? undefined : new Int32Array(ranked.rows)
  return (tree) => {
    const { high, low, rows } = treeKey(seed, tree)
    if (times && drawn !== undefined) drawRows(times, drawn, rows, drawable)
    const own = plan.balancedSubsample && labels ? subsampleWeights(labels, times, classes, weights) : weights
    return grow(kernel.load(times, own), high, low)
  }
}

/** How often each row is drawn, of `drawn` draws with replacement from all rows, or from those named. */
export function drawRows(times: Int32Array, drawn: number, key: number, from: Int32Array | undefined): void {
  times.fill(0)
  const rows = from?.length ?? times.length
  for (let i = 0; i < drawn; i++) {
    const place = below(rows, drawAt(key, 0x5bd1e995, i))
    const row = from === undefined ? place : (from[place] as number)
    times[row] = (times[row] as number) + 1
  }
}

function subsampleWeights(
  labels: Int32Array,
  times: Int32Array | undefined,
  classes: number,
  weights: Float64Array | undefined,
): Float64Array {
  const ofClass = balancedWeights(labels, times, classes)
  return Float64Array.from(labels, (label, row) => (ofClass[label] as number) * (weights === undefined ? 1 : (weights[row] as number)))
}
