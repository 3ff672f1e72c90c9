/** The graphs that Python's tools must accept: every operator's samples with their gradients, and whole models. */
import { type Random, random } from '../../../src/core/random.ts'
import { type Dataset, type Field, table } from '../../../src/data/index.ts'
import { type Graph, grad, graphOf, input, type Op, ops, optimize, type Sample, type Value } from '../../../src/graph/index.ts'
import { applyOp } from '../../../src/graph/op.ts'
import * as operators from '../../../src/graph/ops/index.ts'
import type { NoiseSpec } from '../../../src/nn/index.ts'
import * as nn from '../../../src/nn/index.ts'
import { type Optimizer, optimizers } from '../../../src/optim/index.ts'
import { dtypes, isFloat, type Tensor, tensor, viewsOf } from '../../../src/tensor/index.ts'
import { inferenceGraph } from '../../../src/train/evaluate.ts'
import { fillNoise } from '../../../src/train/noise.ts'
import { names, type StepGraph, trainStep } from '../../../src/train/step.ts'
import { createVariables, traceOnData, type Variables } from '../../../src/train/variables.ts'

/** A graph, and what to feed it. */
export interface Case {
  readonly name: string
  readonly graph: Graph
  readonly feeds: Readonly<Record<string, Tensor>>
  /** Largest difference from the reference, relative where numbers are above 1. */
  readonly tolerance: number
}

/** As in operators' conformance: a few float32 roundings. */
const operatorTolerance = 2e-5
/** A step of a whole model adds up more of them. */
const modelTolerance = 2e-4

const opsByName: Readonly<Record<string, { readonly op: Op }>> = operators
export const operatorNames = Object.keys(opsByName)

/** An operator's samples, each with the gradient of the squares of its outputs: as traced, and as optimized. */
export function operatorCases(key: string): Case[] {
  const { op } = opsByName[key] as { op: Op }
  return op.samples(random(9).fork(op.name)).flatMap((sample, i) => {
    const graph = withGradient(op, sample)
    const feeds = Object.fromEntries(sample.inputs.map((value, at) => [`x${at}`, value]))
    const name = `operator ${key}, sample ${i}`
    return [
      { name, graph, feeds, tolerance: operatorTolerance },
      { name: `${name}, optimized`, graph: optimize(graph), feeds, tolerance: operatorTolerance },
    ]
  })
}

function withGradient(op: Op, { inputs, build, differentiate }: Sample): Graph {
  const values = inputs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape))
  const built = build ? build(...values) : applyOp(op, values, {})
  const outputs = (Array.isArray(built) ? built : [built]) as Value[]
  const wanted = (differentiate ?? inputs.map((_, i) => i)).filter((i) => isFloat(inputs[i]!.dtype)).map((i) => values[i] as Value)
  const parts = outputs.filter(({ dtype }) => isFloat(dtype)).map((y) => ops.sum(ops.mul(y, y)))
  const grads = op.grad && wanted.length > 0 && parts.length > 0 ? grad(parts.reduce(ops.add), wanted) : []
  return graphOf(op.name, { ...numbered('y', outputs), ...numbered('g', grads) }, values)
}

function numbered<T>(prefix: string, values: readonly T[]): Record<string, T> {
  return Object.fromEntries(values.map((value, i) => [`${prefix}${i}`, value]))
}

const { sequential, dense } = nn
const bytes: Field = { dtype: 'uint8', shape: [10, 10], scale: 1 / 255 }
const reals = (...shape: number[]): Field => ({ dtype: 'float32', shape })
const tokens = (count: number, length: number): Field => ({
  dtype: 'int32',
  shape: [length],
  classes: Array.from({ length: count }, (_, i) => `${i}`),
})
const label = (classes: number, ...shape: number[]): Field => ({
  dtype: 'int32',
  shape,
  classes: Array.from({ length: classes }, (_, i) => `${i}`),
})

interface Subject {
  readonly x: Field
  readonly y: Field
  readonly model: nn.Model
  readonly loss?: nn.Loss
  readonly optimizer?: Optimizer
}

const image = nn.reshape([1, 10, 10])
const mlp = () => sequential([nn.flatten(), dense({ units: 6, activation: 'relu' }), dense({ units: 3 })])

const subjects: Readonly<Record<string, Subject>> = {
  mlp: { x: bytes, y: label(3), model: mlp() },
  cnn: {
    x: bytes,
    y: label(3),
    model: sequential([
      image,
      nn.conv2d({ filters: 4, kernel: 3, padding: 'same', activation: 'relu' }),
      nn.maxPool2d(),
      nn.conv2d({ filters: 4, kernel: 3, stride: 2, groups: 2 }),
      nn.batchNorm(),
      nn.globalAveragePool2d(),
      nn.dropout({ rate: 0.3 }),
      dense({ units: 3 }),
    ]),
  },
  'average pooling': {
    x: bytes,
    y: label(3),
    model: sequential([
      image,
      nn.averagePool2d(),
      nn.conv2d({ filters: 2, kernel: 2, dilation: 2 }),
      nn.globalMaxPool2d(),
      dense({ units: 3 }),
    ]),
  },
  'batch norm': { x: reals(5), y: label(2), model: sequential([dense({ units: 4 }), nn.batchNorm(), nn.relu(), dense({ units: 2 })]) },
  conv1d: {
    x: reals(3, 12),
    y: label(2),
    model: sequential([nn.conv1d({ filters: 4, kernel: 3 }), nn.flatten(), dense({ units: 2 })]),
  },
  gru: { x: reals(7, 3), y: label(2), model: sequential([nn.gru({ units: 5 }), dense({ units: 2 })]) },
  lstm: {
    x: reals(6, 3),
    y: label(2),
    model: sequential([nn.lstm({ units: 4, returnSequences: true, bidirectional: true }), nn.lstm({ units: 3 }), dense({ units: 2 })]),
  },
  embedding: {
    x: tokens(11, 4),
    y: label(2),
    model: sequential([nn.embedding({ tokens: 11, width: 3 }), nn.flatten(), dense({ units: 2 })]),
  },
  transformer: {
    x: tokens(11, 8),
    y: label(11, 8),
    model: sequential([
      nn.embedding({ tokens: 11, width: 8 }),
      nn.positionalEmbedding(),
      nn.transformerBlock({ heads: 2, causal: true, dropout: 0.1 }),
      nn.transformerBlock({ heads: 4, norm: 'post' }),
      nn.layerNorm(),
      dense({ units: 11 }),
    ]),
    optimizer: optimizers.adamW({ clipNorm: 1 }),
  },
  ...Object.fromEntries(
    Object.keys(optimizers).map((kind) => [
      `optimizer ${kind}`,
      { x: bytes, y: label(3), model: mlp(), optimizer: optimizers[kind as 'adam']({ learningRate: 0.01 }) },
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(nn.losses).map((kind) => [
      `loss ${kind}`,
      {
        x: reals(4),
        y: kind === 'crossEntropy' ? label(3) : reals(3),
        model: sequential([dense({ units: 3 })]),
        loss: nn.losses[kind as 'huber'](),
      },
    ]),
  ),
}

export const modelNames = Object.keys(subjects)

/** A model as it is exported, and its training step; both with a symbolic batch, run with two sizes of it. */
export function modelCases(name: string): Case[] {
  const { x, y, model, loss = nn.crossEntropy(), optimizer = optimizers.adam() } = subjects[name] as Subject
  const draw = random(9).fork(name)
  const data = examples(x, y, draw)
  const variables = createVariables(model, data, draw)
  const inference = inferenceGraph(variables, name)
  const step = trainStep({ traced: traceOnData(model, variables.fields, true), target: y, loss, optimizer })
  return [2, 5]
    .flatMap((batch) => [
      { name: `${name}, inference of ${batch}`, graph: inference, feeds: inferenceFeeds(inference, variables, x, batch, draw) },
      { name: `${name}, step of ${batch}`, graph: step.graph, feeds: stepFeeds(step, variables, { x, y }, batch, draw) },
      {
        name: `${name}, optimized step of ${batch}`,
        graph: optimize(step.graph),
        feeds: stepFeeds(step, variables, { x, y }, batch, draw),
      },
    ])
    .map((found) => ({ ...found, tolerance: modelTolerance }))
}

function examples(x: Field, y: Field, draw: Random): Dataset {
  const column = (field: Field) => ({ ...field, data: stored(field, 8, draw).data })
  return table({ x: column(x), y: column(y) } as Parameters<typeof table>[0], { name: 'examples' })
}

/** Values of a column as a batch holds them. */
function stored({ dtype, shape, classes }: Field, rows: number, draw: Random): Tensor {
  const size = shape.reduce((a, b) => a * b, rows)
  const one = () => (dtype === 'float32' ? draw.normal() : draw.int(classes?.length ?? 256))
  return tensor(dtype, [rows, ...shape], Array.from({ length: size }, one))
}

function weightsOf({ params, states }: Variables): Record<string, Tensor> {
  return { ...viewsOf(params), ...viewsOf(states) }
}

function inferenceFeeds(graph: Graph, variables: Variables, x: Field, batch: number, draw: Random): Record<string, Tensor> {
  const { dtype } = graph.inputs.x as Value
  return { ...weightsOf(variables), x: stored({ ...x, dtype }, batch, draw) }
}

function stepFeeds(step: StepGraph, variables: Variables, fields: Record<'x' | 'y', Field>, batch: number, draw: Random) {
  const feeds: Record<string, Tensor> = {
    ...weightsOf(variables),
    x: stored(fields.x, batch, draw),
    [names.target]: stored(fields.y, batch, draw),
    [names.learningRate]: tensor('float32', [], [0.01]),
    [names.step]: tensor('float32', [], [3]),
  }
  for (const { name, value, distribution } of step.noises) feeds[name] = noise({ value, distribution }, batch, draw)
  // What is left are the optimizer's buffers. Squares among them may not be below 0, and all are small.
  for (const [name, { dtype, shape }] of Object.entries(step.graph.inputs))
    feeds[name] ??= tensor(
      dtype,
      shape as number[],
      Array.from({ length: (shape as number[]).reduce((a, b) => a * b, 1) }, () => 0.01 + 0.01 * draw.uniform()),
    )
  return feeds
}

function noise({ value, distribution }: Pick<NoiseSpec, 'value' | 'distribution'>, batch: number, draw: Random): Tensor {
  const shape = value.shape.map((dim) => (typeof dim === 'number' ? dim : batch))
  const values = new dtypes.float32.array(shape.reduce((a, b) => a * b, 1))
  fillNoise(values, distribution, draw)
  return { dtype: 'float32', shape, data: values }
}
