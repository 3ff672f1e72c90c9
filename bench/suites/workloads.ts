/** The models of the training suite. */
import type { ParamSpec, Workload } from '../lib/workload.ts'

export const mlp128 = mlp('mlp-128', [784, 128, 128, 10], 64)
export const mlp512 = mlp('mlp-512', [784, 512, 512, 10], 256)
export const cnn = convolutional()
export const gru = recurrent()
export const transformer = attentive()

/** The same with Adam at a tenth of the rate. */
export function withAdam(workload: Workload): Workload {
  return {
    ...workload,
    name: `${workload.name}-adam`,
    title: workload.title.replace(', SGD', ', Adam'),
    optimizer: 'adam',
    learningRate: 0.001,
  }
}

function mlp(name: string, sizes: readonly number[], batch: number): Workload {
  return {
    name,
    title: `MLP ${sizes.join('-')}, batch ${batch}, SGD`,
    model: { kind: 'mlp', sizes },
    batch,
    optimizer: 'sgd',
    learningRate: 0.05,
    x: { kind: 'reals', shape: [sizes[0] as number] },
    y: { shape: [], classes: sizes.at(-1) as number },
    params: numbered(sizes.slice(1).flatMap((units, i) => dense(`dense${i + 1}`, sizes[i] as number, units))),
  }
}

function convolutional(): Workload {
  const [side, kernel, units, batch] = [28, 5, 512, 32]
  const channels = [1, 32, 64]
  const flat = (side / 4) ** 2 * 64
  const conv = (name: string, input: number, output: number) =>
    weights(name, [output, input, kernel, kernel], input * kernel ** 2, [output])
  return {
    name: 'cnn',
    title: `CNN 5x5x32, pool, 5x5x64, pool, ${units}, 10, batch ${batch}, SGD`,
    model: { kind: 'cnn', side, channels, kernel, units },
    batch,
    optimizer: 'sgd',
    learningRate: 0.01,
    x: { kind: 'reals', shape: [1, side, side] },
    y: { shape: [], classes: 10 },
    params: numbered([...conv('conv1', 1, 32), ...conv('conv2', 32, 64), ...dense('dense1', flat, units), ...dense('dense2', units, 10)]),
  }
}

function recurrent(): Workload {
  const [input, units, length, batch] = [128, 128, 64, 32]
  const gates = (name: string, from: number) => ({ name, shape: [from, 3 * units], center: 0, bound: 1 / Math.sqrt(units) })
  const bias = (name: string) => ({ name, shape: [3 * units], center: 0, bound: 1 / Math.sqrt(units) })
  return {
    name: 'gru',
    title: `GRU ${units}, sequence ${length}, batch ${batch}, SGD`,
    model: { kind: 'gru', input, units, length },
    batch,
    optimizer: 'sgd',
    learningRate: 0.05,
    x: { kind: 'reals', shape: [length, input] },
    y: { shape: [], classes: 10 },
    params: numbered([
      gates('gru.input', input),
      gates('gru.hidden', units),
      bias('gru.inputBias'),
      bias('gru.hiddenBias'),
      ...dense('dense', units, 10),
    ]),
  }
}

function attentive(): Workload {
  const [vocabulary, context, width, heads, layers, hidden, batch] = [65, 128, 128, 4, 4, 512, 16]
  const norm = (name: string) => [
    { name: `${name}.scale`, shape: [width], center: 1, bound: 0 },
    { name: `${name}.bias`, shape: [width], center: 0, bound: 0 },
  ]
  const block = (i: number) => [
    ...norm(`block${i}.norm1`),
    ...dense(`block${i}.qkv`, width, 3 * width),
    ...dense(`block${i}.projection`, width, width),
    ...norm(`block${i}.norm2`),
    ...dense(`block${i}.expand`, width, hidden),
    ...dense(`block${i}.contract`, hidden, width),
  ]
  return {
    name: 'transformer',
    title: `transformer ${layers} layers, width ${width}, ${heads} heads, context ${context}, batch ${batch}, SGD`,
    model: { kind: 'transformer', vocabulary, context, width, heads, layers, hidden },
    batch,
    optimizer: 'sgd',
    learningRate: 0.05,
    x: { kind: 'tokens', below: vocabulary, shape: [context] },
    y: { shape: [context], classes: vocabulary },
    params: numbered([
      { name: 'tokens', shape: [vocabulary, width], center: 0, bound: 0.05 },
      { name: 'positions', shape: [context, width], center: 0, bound: 0.05 },
      ...Array.from({ length: layers }, (_, i) => block(i + 1)).flat(),
      ...norm('norm'),
      ...dense('head', width, vocabulary),
    ]),
  }
}

type Unnumbered = Omit<ParamSpec, 'seed'>

function dense(name: string, input: number, output: number): Unnumbered[] {
  return weights(name, [input, output], input, [output])
}

/** Bounds as PyTorch's own: one over the root of the numbers that come in. */
function weights(name: string, shape: readonly number[], fan: number, bias: readonly number[]): Unnumbered[] {
  const bound = 1 / Math.sqrt(fan)
  return [
    { name: `${name}.weight`, shape, center: 0, bound },
    { name: `${name}.bias`, shape: bias, center: 0, bound },
  ]
}

/** Seeds 0 and 1 are those of the inputs and labels. */
function numbered(params: readonly Unnumbered[]): ParamSpec[] {
  return params.map((param, i) => ({ ...param, seed: i + 2 }))
}
