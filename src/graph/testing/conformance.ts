/**
 * The laws every operator keeps, over its own samples: its gradient equals finite differences (reference, float64), and
 * every runtime gives what the reference gives, also with a symbolic first dimension. Third parties run it on theirs.
 */
import assert from 'node:assert/strict'
import { random } from '../../core/random.ts'
import { isFloat, type Tensor, tensor } from '../../tensor/index.ts'
import { grad } from '../grad.ts'
import { type Graph, graphOf } from '../graph.ts'
import { applyOp, type Op, type Sample, type Value } from '../op.ts'
import { add } from '../ops/add.ts'
import { constant } from '../ops/constant.ts'
import { input } from '../ops/input.ts'
import { mul } from '../ops/mul.ts'
import { sum } from '../ops/reduce.ts'
import { optimize } from '../optimize.ts'
import type { Runtime } from '../runtime.ts'
import { reference } from '../runtimes/reference.ts'
import { verify } from '../verify.ts'

/** Checks one operator on samples of one seed. */
export async function opConformance(op: Op, runtime: Runtime, seed: number): Promise<void> {
  for (const [i, sample] of op.samples(random(seed).fork(op.name)).entries()) {
    const where = `${op.name}, sample ${i}, seed ${seed}`
    await sameAsReference(op, sample, runtime, where)
    await gradientIsDerivative(op, sample, runtime, where)
  }
}

function traceSample(op: Op, { inputs, build }: Sample): { values: Value[]; outputs: readonly Value[] } {
  const values = inputs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape))
  const built = build ? build(...values) : applyOp(op, values, {})
  return { values, outputs: Array.isArray(built) ? built : [built as Value] }
}

function feedsOf(inputs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(inputs.map((value, i) => [`x${i}`, value]))
}

async function runOn(runtime: Runtime, graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const executable = await runtime.compile(graph)
  try {
    return await executable.run(feeds)
  } finally {
    await executable.release()
  }
}

async function sameAsReference(op: Op, sample: Sample, runtime: Runtime, where: string): Promise<void> {
  const { values, outputs } = traceSample(op, sample)
  const graph = graphOf('sample', Object.fromEntries(outputs.map((value, i) => [`y${i}`, value])), values)
  verify(graph, 'trace')
  const feeds = feedsOf(sample.inputs)
  const want = await runOn(reference(), graph, feeds)
  close(await runOn(runtime, graph, feeds), want, `${where}: ${runtime.name} against reference`)
  close(await runOn(runtime, optimize(graph), feeds), want, `${where}: optimized on ${runtime.name} against reference`)
}

/** Central differences of a random projection of the outputs, in float64; error O(h^2) of a well-scaled function. */
async function gradientIsDerivative(op: Op, sample: Sample, runtime: Runtime, where: string): Promise<void> {
  const wanted = sample.differentiate ?? sample.inputs.flatMap(({ dtype }, i) => (isFloat(dtype) ? [i] : []))
  if (!op.grad || wanted.length === 0) return
  const { values, outputs } = traceSample(op, sample)
  const draw = random(7)
  const parts = outputs.filter(({ dtype }) => isFloat(dtype)).map((y) => sum(mul(y, projection(y, draw))))
  const loss = parts.reduce((a, b) => add(a, b))
  const grads = grad(
    loss,
    wanted.map((i) => values[i] as Value),
  )
  const graph = graphOf('gradient', { loss, ...Object.fromEntries(grads.map((value, i) => [`g${i}`, value])) }, values)
  const judge = await reference({ precision: 'float64' }).compile(graph)
  const feeds = feedsOf(sample.inputs)
  const found = await judge.run(feeds)
  const lossGraph = await reference({ precision: 'float64' }).compile(graphOf('loss', { loss }, values))
  const lossAt = async (i: number, j: number, step: number) => {
    const nudged = Float64Array.from(sample.inputs[i]!.data as Float32Array)
    nudged[j]! += step
    // Fed as float32 by type, float64 in fact: the reference computes in float64 whatever it is given.
    const fed = { ...feeds, [`x${i}`]: { ...sample.inputs[i]!, data: nudged } as unknown as Tensor }
    return (await lossGraph.run(fed)).loss!.data[0] as number
  }
  for (const [k, i] of wanted.entries()) {
    const analytic = found[`g${k}`]!.data as Float64Array
    for (let j = 0; j < analytic.length; j++) {
      const h = 1e-5
      const numeric = ((await lossAt(i, j, h)) - (await lossAt(i, j, -h))) / (2 * h)
      const error = Math.abs(analytic[j]! - numeric)
      assert.ok(error <= 1e-5 * Math.max(1, Math.abs(numeric)), `${where}: d/dx${i}[${j}] is ${analytic[j]}, differences give ${numeric}`)
    }
  }
  close(
    await runOn(runtime, optimize(graph), feeds),
    await runOn(reference(), graph, feeds),
    `${where}: gradient on ${runtime.name} against reference`,
  )
}

function projection(y: Value, draw: { uniform(): number }): Value {
  const shape = y.shape as number[]
  const size = shape.reduce((a, b) => a * b, 1)
  return constant(
    tensor(
      y.dtype,
      shape,
      Array.from({ length: size }, () => draw.uniform() * 2 - 1),
    ),
  )
}

function close(got: Record<string, Tensor>, want: Record<string, Tensor>, where: string): void {
  for (const [name, { dtype, shape, data }] of Object.entries(want)) {
    const other = got[name] as Tensor
    assert.equal(other.dtype, dtype, `${where}: dtype of ${name}`)
    assert.deepEqual([...other.shape], [...shape], `${where}: shape of ${name}`)
    for (let i = 0; i < data.length; i++) {
      const [a, b] = [Number(other.data[i]), Number(data[i])]
      const tolerance = isFloat(dtype) ? 2e-5 * Math.max(1, Math.abs(b)) : 0
      assert.ok(Object.is(a, b) || Math.abs(a - b) <= tolerance, `${where}: ${name}[${i}] is ${a} instead of ${b}`)
    }
  }
}
