/** Runs an optimizer step by step on the reference runtime, all digits kept. */
import { type Graph, graphOf, input, runtimes, type Value } from '../../src/graph/index.ts'
import type { Optimizer } from '../../src/optim/index.ts'
import { type DType, type Tensor, tensor } from '../../src/tensor/index.ts'

/** One update of `size` numbers as a graph: param, grad, rate, step and state.* in, next.param and next.state.* out. */
export function updateGraph(optimizer: Optimizer, size: number, dtype: DType = 'float64', seeded = false): Graph {
  const vector = (name: string) => input(name, dtype, [size], 'state')
  const [param, grad] = [vector('param'), vector('grad')]
  const [learningRate, step] = [input('rate', dtype, [], 'scalar'), input('step', dtype, [], 'scalar')]
  if (seeded)
    return graphOf('update', { 'next.param': optimizer.seeded!({ param, delta: grad, learningRate }) }, [param, grad, learningRate, step])
  const state = Object.fromEntries(Object.keys(optimizer.init()).map((name) => [name, vector(`state.${name}`)]))
  const next = optimizer.update({ param, grad, state, learningRate, step })
  const outputs: Record<string, Value> = { 'next.param': next.param }
  for (const [name, value] of Object.entries(next.state)) outputs[`next.state.${name}`] = value
  return graphOf('update', outputs, [param, grad, learningRate, step, ...Object.values(state)])
}

/** Parameters after each of `count` steps, the gradient a function of parameter and step (1 is the first). */
export async function follow(
  optimizer: Optimizer,
  start: readonly number[],
  gradient: (p: readonly number[], step: number) => number[],
  count: number,
): Promise<number[][]> {
  const size = start.length
  const graph = updateGraph(optimizer, size)
  const executable = await runtimes.reference({ precision: 'float64' }).compile(graph)
  const f64 = (data: readonly number[], shape = [size]) => tensor('float64', shape, data)
  let state: Record<string, Tensor> = Object.fromEntries(
    Object.entries(optimizer.init()).map(([name, first]) => [`state.${name}`, f64(new Array(size).fill(first))]),
  )
  let param = start
  const path: number[][] = []
  for (let step = 1; step <= count; step++) {
    const rate = f64([optimizer.learningRate.at(step - 1, count)], [])
    const feeds = { param: f64(param), grad: f64(gradient(param, step)), rate, step: f64([step], []), ...state }
    const { 'next.param': next, ...rest } = await executable.run(feeds)
    state = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name.replace('next.', ''), value]))
    param = Array.from(next!.data as Float64Array)
    path.push([...param])
  }
  return path
}
