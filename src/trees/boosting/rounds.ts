/** Boosting: round after round, a tree a column of scores, fitted to the gradients of the loss. */
import { fail } from '../../core/errors.ts'
import type { Tree } from '../tree.ts'
import type { Grown } from './flatten.ts'
import { fixed } from './kernel/places.ts'
import type { Loss } from './losses.ts'
import type { Bench } from './workbench.ts'

export interface RoundsOptions {
  /** Rounds in all, those of `begun` counted. */
  readonly rounds: number
  /** Scores before, column after column, of learned and then watched rows. */
  readonly scores: Float64Array
  readonly begun: readonly Tree[]
  readonly loss: Loss
  readonly learningRate: number
  readonly y: Float64Array
  readonly w: Float64Array
  /** Rounds without a gain of `tol` after which to stop; undefined: never. */
  readonly patience: number | undefined
  readonly tol: number
  /** A tree for each round and column. */
  readonly grow: (round: number) => (column: number, unitG: number, unitH: number) => Grown
  readonly signal: AbortSignal | undefined
  readonly onRound: (done: number) => void
}

/** The trees, round after round. */
export async function boost({ plan, team }: Bench, options: RoundsOptions): Promise<Tree[]> {
  const { loss, y, w, rounds } = options
  const { f64, i32 } = team.work
  const scores = f64.subarray(plan.scores >> 3, (plan.scores >> 3) + plan.stride * plan.width)
  for (let column = 0; column < plan.width; column++) {
    const all = plan.rows + plan.watched
    scores.set(options.scores.subarray(column * all, (column + 1) * all), column * plan.stride)
  }
  const trees: Tree[] = [...options.begun]
  const watch = options.patience === undefined ? undefined : watchOf(options.patience, options.tol)
  const lossNow = () => {
    const [from, to] = plan.watched > 0 ? [plan.rows, plan.rows + plan.watched] : [0, plan.rows]
    return loss.mean(scores, 0, plan.stride, y, w, from, to)
  }
  if (watch?.(lossNow())) return trees
  const scales = scalesOf(plan.rows)
  let bounded: [number, number] | undefined
  for (let round = Math.floor(trees.length / plan.width); round < rounds; round++) {
    options.signal?.throwIfAborted()
    const [scaleG, scaleH] = scales(...((loss.bounded ? (bounded ??= largest()) : largest()) as [number, number]))
    f64[fixed.numbers >> 3] = scaleG
    f64[(fixed.numbers >> 3) + 1] = scaleH
    team.perform('gradients', plan.rows)
    const grow = options.grow(round)
    for (let column = 0; column < plan.width; column++) {
      const grown = grow(column, 1 / scaleG, 1 / scaleH)
      if (loss.leaf) renew(grown, loss.leaf)
      raise(grown, column)
      trees.push(grown.tree)
    }
    options.onRound(round + 1)
    // The loop of events has its turn, so that the fit can be told to end.
    await new Promise((resolve) => setImmediate(resolve))
    if (watch?.(lossNow())) break
  }
  return trees

  function largest(): [number, number] {
    const parts = team.perform('largest', plan.rows)
    let [g, h] = [0, 0]
    for (let t = 0; t < parts; t++) {
      const at = (fixed.answers + t * fixed.answerBytes) >> 3
      g = Math.max(g, f64[at] as number)
      h = Math.max(h, f64[at + 1] as number)
    }
    if (!Number.isFinite(g + h)) throw fail('FIT_DIVERGED', trees.length / plan.width)
    return [g, h]
  }

  /** A leaf's value from its rows' residuals. */
  function renew({ tree, leaves }: Grown, leaf: NonNullable<Loss['leaf']>): void {
    const order = plan.order >> 2
    for (const { node, begin, count } of leaves) {
      const rows = i32.subarray(order + begin, order + begin + count)
      const residuals = Float64Array.from(rows, (row) => (y[row] as number) - (scores[row] as number))
      tree.value[node] =
        options.learningRate *
        leaf(
          residuals,
          Float64Array.from(rows, (row) => w[row] as number),
        )
    }
  }

  function raise({ tree, leaves }: Grown, column: number): void {
    const at = plan.scores + column * plan.stride * 8
    for (const [k, { node, begin, count, watchedBegin, watchedCount }] of leaves.entries()) {
      const place = plan.leaves + k * 16
      i32[place >> 2] = begin
      i32[(place >> 2) + 1] = count
      f64[(place >> 3) + 1] = tree.value[node] as number
      if (watchedCount > 0) team.work.kernel.raise(plan.order + watchedBegin * 4, watchedCount, at, tree.value[node] as number)
    }
    i32[(fixed.command >> 2) + 1] = leaves.length
    i32[(fixed.command >> 2) + 2] = at
    team.perform('raise', plan.rows)
  }
}

/** Powers of two by which gradients and hessians become whole numbers: as fine as i32, and as 63 bits for the sum of all, allow. */
function scalesOf(rows: number): (g: number, h: number) => [number, number] {
  const counting = Math.ceil(Math.log2(rows + 1))
  const power = (most: number, bits: number) => 2 ** (bits - Math.max(Math.ceil(Math.log2(most || 1)), -900))
  return (g, h) => [power(g, 30), power(h, Math.min(30, 63 - 2 * counting))]
}

/** Told the losses one after another: whether the last `patience` of them are no better, by more than tol, than the one before. */
function watchOf(patience: number, tol: number): (loss: number) => boolean {
  const losses: number[] = []
  return (loss) => {
    losses.push(loss)
    if (losses.length <= patience) return false
    const reference = (losses.at(-patience - 1) as number) - tol
    return losses.slice(-patience).every((recent) => recent >= reference)
  }
}
