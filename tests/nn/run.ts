/** Runs layers and losses on the reference runtime, all digits kept, and reads what scripts/layer-vectors.py stored. */
import { readFileSync } from 'node:fs'
import { grad, graphOf, input, runtimes, type TensorType, type Value } from '../../src/graph/index.ts'
import { type Loss, type Model, traceModel } from '../../src/nn/index.ts'
import { type DType, type Tensor, tensor } from '../../src/tensor/index.ts'

export interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
  readonly dtype?: DType
}

export function vectors<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8')).cases as T[]
}

/** The same type with a symbolic batch. */
const batched = ({ shape, dtype = 'float32' }: Numbers): TensorType => ({ dtype, shape: ['batch', ...shape.slice(1)] })

/** Fed as float32 by type, float64 in fact: the reference computes in float64 whatever it is given. */
export function exact({ shape, data, dtype = 'float32' }: Numbers): Tensor {
  if (dtype !== 'float32') return tensor(dtype, shape, data)
  return { dtype, shape, data: Float64Array.from(data) } as unknown as Tensor
}

async function compute(outputs: Record<string, Value>, feeds: Record<string, Tensor>, declared: readonly Value[]) {
  const executable = await runtimes.reference({ precision: 'float64' }).compile(graphOf('test', outputs, declared))
  return executable.run(feeds)
}

/** A loss and its gradient to the outputs. */
export async function lossOf(loss: Loss, output: Numbers, target: Numbers): Promise<{ loss: number; grad: number[] }> {
  const [x, y] = [batched(output), batched(target)].map(({ dtype, shape }, i) => input(i === 0 ? 'x' : 'y', dtype, shape)) as [Value, Value]
  const value = loss.apply(x, y)
  const [dx] = grad(value, [x]) as [Value]
  const found = await compute({ loss: value, dx }, { x: exact(output), y: exact(target) }, [x, y])
  return { loss: found.loss!.data[0] as number, grad: Array.from(found.dx!.data as Float64Array) }
}

/** What a layer gives with given weights, and what it leaves in its buffers. */
export async function apply(
  model: Model,
  x: Numbers,
  given: Readonly<Record<string, Numbers>>,
  { training = false }: { readonly training?: boolean } = {},
): Promise<{ y: Numbers; after: Record<string, Numbers> }> {
  const { dtype, shape } = batched(x)
  const value = input('x', dtype, shape)
  const traced = traceModel(model, { x: value }, { training })
  const outputs: Record<string, Value> = { y: traced.output }
  for (const state of traced.states) outputs[`after.${state.name}`] = state.next
  const feeds = Object.fromEntries(Object.entries(given).map(([name, numbers]) => [name, exact(numbers)]))
  const { y, ...rest } = await compute(outputs, { ...feeds, x: exact(x) }, [value])
  const plain = (t: Tensor): Numbers => ({ shape: t.shape, data: Array.from(t.data as Float64Array) })
  return { y: plain(y!), after: Object.fromEntries(Object.entries(rest).map(([name, t]) => [name.slice('after.'.length), plain(t)])) }
}

/** The largest difference, relative where numbers are above 1. */
export function distance(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0)
}
