/** A metric is a fold over batches of outputs and targets. Pure: state in, state out (updated in place). */
import type { Tensor } from '../tensor/index.ts'

export interface Metric<S = unknown> {
  readonly kind: string
  /** Which way is better; undefined where that is no question (a confusion matrix). */
  readonly direction: 'maximize' | 'minimize' | undefined
  init(): S
  /** Outputs [n, ...] as the model gives them (logits), targets [n, ...] as the data has them. */
  add(state: S, output: Tensor, target: Tensor): void
  finish(state: S): number
}
