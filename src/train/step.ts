/**
 * Step graphs. One training step is one graph: forward, backward, clipping and the optimizer's update, from parameters
 * and buffers to new ones. With accumulation it is two: gradients added up, then applied.
 */
import type { Field } from '../data/index.ts'
import { type Graph, grad, graphOf, input, ops, type Value } from '../graph/index.ts'
import type { Loss, NoiseSpec, ParamSpec } from '../nn/index.ts'
import { clipGradients, type Optimizer } from '../optim/index.ts'
import { columnType, decode, isScaled, type TracedOnData } from './variables.ts'

/** Names in step graphs; the prefixes keep them apart from a model's own. */
export const names = {
  target: 'target:',
  loss: 'loss:',
  learningRate: 'learningRate:',
  step: 'step:',
  next: (name: string) => `next:${name}`,
  /** An optimizer's buffer of a parameter: 'momentum:hidden.weight'. */
  slot: (slot: string, param: string) => `${slot}:${param}`,
  gradient: (param: string) => `gradient:${param}`,
} as const

export interface StepSpec {
  readonly traced: TracedOnData
  readonly target: Field
  readonly loss: Loss
  readonly optimizer: Optimizer
}

export interface StepGraph {
  readonly graph: Graph
  readonly trainable: readonly ParamSpec[]
  readonly noises: readonly NoiseSpec[]
}

/** Forward, backward and update in one graph. */
export function trainStep({ traced, target, loss, optimizer }: StepSpec): StepGraph {
  const trainable = traced.params.filter((param) => param.trainable)
  const { cost, columns } = costOf(traced, target, loss)
  const learningRate = input(names.learningRate, 'float32', [], 'scalar')
  const wanted = trainable.map(({ value }) => value)
  const outputs: Record<string, Value> = { [names.loss]: cost }
  if (optimizer.seeded && !optimizer.clip) {
    // The gradient is linear in its seed: seeded with -learningRate, each gradient arrives as the step itself.
    const deltas = grad(cost, wanted, ops.neg(learningRate))
    for (const [i, { name, value }] of trainable.entries()) {
      outputs[names.next(name)] = optimizer.seeded({ param: value, delta: deltas[i] as Value, learningRate })
    }
  } else Object.assign(outputs, updates(trainable, grad(cost, wanted), optimizer, learningRate))
  for (const { name, next } of traced.states) outputs[names.next(name)] = next
  return { graph: graphOf('step', outputs, declared(traced, columns)), trainable, noises: traced.noises }
}

/** Adds a batch's gradients, times `1/parts`, to those so far; buffers such as running means move on with every batch. */
export function gradientStep({ traced, target, loss }: Omit<StepSpec, 'optimizer'>, parts: number): StepGraph {
  const trainable = traced.params.filter((param) => param.trainable)
  const { cost, columns } = costOf(traced, target, loss)
  const grads = grad(
    ops.mul(cost, 1 / parts),
    trainable.map(({ value }) => value),
  )
  const outputs: Record<string, Value> = { [names.loss]: cost }
  for (const [i, { name, shape }] of trainable.entries()) {
    const sofar = input(names.gradient(name), 'float32', shape, 'state')
    outputs[names.next(names.gradient(name))] = ops.add(sofar, grads[i] as Value)
  }
  for (const { name, next } of traced.states) outputs[names.next(name)] = next
  return { graph: graphOf('gradient', outputs, declared(traced, columns)), trainable, noises: traced.noises }
}

/** Applies added-up gradients. */
export function applyStep({ traced, optimizer }: Pick<StepSpec, 'traced' | 'optimizer'>): StepGraph {
  const trainable = traced.params.filter((param) => param.trainable)
  const learningRate = input(names.learningRate, 'float32', [], 'scalar')
  const grads = trainable.map(({ name, shape }) => input(names.gradient(name), 'float32', shape, 'state'))
  return { graph: graphOf('apply', updates(trainable, grads, optimizer, learningRate)), trainable, noises: [] }
}

function costOf(traced: TracedOnData, target: Field, loss: Loss): { cost: Value; columns: Value[] } {
  const { dtype, shape } = columnType(target)
  const wanted = input(names.target, dtype, shape)
  // Labels stay what they are, and a loss that wants floats makes them; only bytes with a scale stand for other numbers.
  const logical = isScaled(target) ? decode(wanted, target) : wanted
  return { cost: loss.apply(traced.output, logical), columns: [...Object.values(traced.columns), wanted] }
}

function declared(traced: TracedOnData, columns: readonly Value[]): Value[] {
  return [...columns, ...traced.noises.map(({ value }) => value)]
}

function updates(
  trainable: readonly ParamSpec[],
  grads: readonly Value[],
  optimizer: Optimizer,
  learningRate: Value,
): Record<string, Value> {
  const step = input(names.step, 'float32', [], 'scalar')
  const clipped = optimizer.clip ? clipGradients(grads, optimizer.clip) : grads
  const outputs: Record<string, Value> = {}
  for (const [i, { name, shape, value }] of trainable.entries()) {
    const state = Object.fromEntries(
      Object.keys(optimizer.init()).map((slot) => [slot, input(names.slot(slot, name), 'float32', shape, 'state')]),
    )
    const next = optimizer.update({ param: value, grad: clipped[i] as Value, state, learningRate, step })
    outputs[names.next(name)] = next.param
    for (const [slot, after] of Object.entries(next.state)) outputs[names.next(names.slot(slot, name))] = after
  }
  return outputs
}
