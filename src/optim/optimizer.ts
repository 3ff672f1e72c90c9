/**
 * An optimizer is pure: buffers in, buffers out, written with the graph's operators, so that a step of it is part of the
 * step graph. It sees one parameter at a time; what concerns all gradients together (clipping) is data beside it.
 */
import type { Value } from '../graph/index.ts'
import type { Schedule } from './schedule.ts'

export interface Update {
  readonly param: Value
  readonly grad: Value
  readonly state: Readonly<Record<string, Value>>
  /** Scalar float32 of this step. */
  readonly learningRate: Value
  /** Scalar float32: 1 in the first step. */
  readonly step: Value
}

export interface Optimizer {
  readonly kind: string
  readonly learningRate: Schedule
  /** Buffers it keeps for each parameter, each of the parameter's shape: name -> first value of every element. */
  init(): Readonly<Record<string, number>>
  update(input: Update): { readonly param: Value; readonly state: Readonly<Record<string, Value>> }
  /**
   * For updates that are `param - learningRate * grad` plus terms without the gradient: the same, given
   * `delta = -learningRate * grad`. The factor then enters the backward pass once, at the loss, and each weight's step
   * becomes part of the product that computes its gradient.
   */
  readonly seeded?: (input: { readonly param: Value; readonly delta: Value; readonly learningRate: Value }) => Value
  /** Done to all gradients before `update`. */
  readonly clip?: Clip | undefined
}

export interface Clip {
  /** Largest Euclidean norm of all gradients together; larger ones are scaled down to it. */
  readonly norm?: number | undefined
  /** Each element is cut to [-value, value]. */
  readonly value?: number | undefined
}
