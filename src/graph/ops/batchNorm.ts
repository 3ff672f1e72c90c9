/** Batch normalization with the batch's own statistics (training) and with given ones (inference). Source: Ioffe, Szegedy 2015. */
import { isFloat } from '../../tensor/index.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { add } from './add.ts'
import { broadcastTo } from './broadcast.ts'
import { div } from './div.ts'
import { mul } from './mul.ts'
import { countOf, sum } from './reduce.ts'
import { reshape } from './reshape.ts'
import { sqrt } from './sqrt.ts'
import { sub } from './sub.ts'

export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each channel by the mean and variance of the batch: x [n, channels, ...], scale and bias [channels] -> y, and the mean and the
 * variance [channels] over all other axes, for running averages. The variance divides by their number n, not n - 1.
 */
export const batchNorm: Operator<
  [x: Value, scale: Value, bias: Value, options?: BatchNormOptions],
  readonly [y: Value, mean: Value, variance: Value]
> = operator({
  name: 'batchNorm',
  call: (x: Value, scale: Value, bias: Value, { epsilon = 1e-5 }: BatchNormOptions = {}) => ({
    inputs: [x, scale, bias],
    attrs: { epsilon },
  }),
  infer: (inputs) => {
    const y = normalizedType('batchNorm', inputs)
    const channel = { dtype: y.dtype, shape: [y.shape[1]!] }
    return [y, channel, channel]
  },
  grad: (node, [dy, dMean, dVariance]) => {
    const [x, scale] = node.inputs as [Value, Value]
    const [, mean, variance] = node.outputs as [Value, Value, Value]
    const axes = axesOf(x)
    const count = countOf(x, axes)
    const wide = (v: Value) => spread(v, x)
    const inverse = div(1, sqrt(add(variance, node.attrs.epsilon)))
    const centred = sub(x, wide(mean))
    if (!dy) return [statistics(), undefined, undefined]
    const dBias = sum(dy, { axes })
    const dScale = mul(sum(mul(dy, centred), { axes }), inverse)
    const slope = mul(scale, inverse)
    const level = div(dBias, count)
    const tilt = div(mul(inverse, dScale), count)
    const dx = mul(sub(sub(dy, wide(level)), mul(centred, wide(tilt))), wide(slope))
    return [dMean || dVariance ? add(dx, statistics()!) : dx, dScale, dBias]

    function statistics(): Value | undefined {
      const parts = [
        dMean && broadcastTo(wide(div(dMean, count)), x),
        dVariance && mul(centred, wide(div(mul(dVariance, 2), count))),
      ].filter((part) => part !== undefined)
      return parts.length === 0 ? undefined : parts.reduce((a, b) => add(a, b))
    }
  },
  onnx: (emit, [x, scale, bias], node) => {
    const input = node.inputs[0]!
    const axes = axesOf(input)
    const mean = emit.node('ReduceMean', [x!, emit.ints(axes)], { keepdims: 0 })
    const wide = emit.node('Reshape', [mean, emit.ints(spreadShape(input))])
    const off = emit.node('Sub', [x!, wide])
    const variance = emit.node('ReduceMean', [emit.node('Mul', [off, off]), emit.ints(axes)], { keepdims: 0 })
    return [normalize(emit, [x!, scale!, bias!, mean, variance], node.attrs.epsilon), mean, variance]
  },
  reference: ([x, scale, bias], { attrs }) => {
    const channels = x!.shape[1]!
    const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)]
    const count = x!.data.length / channels
    byChannel(x!, (c, i) => void (mean[c]! += x!.data[i]! / count))
    byChannel(x!, (c, i) => void (variance[c]! += (x!.data[i]! - mean[c]!) ** 2 / count))
    const shape = [channels]
    const [centre, square] = [{ shape, data: mean }, { shape, data: variance }] // biome-ignore format: as it is
    return [normalized(x!, scale!, bias!, centre, square, attrs.epsilon), centre, square]
  },
  samples: (random) => [
    { inputs: [floats(random, [3, 2, 2, 2]), floats(random, [2]), floats(random, [2])], build: (...x) => batchNorm(x[0]!, x[1]!, x[2]!) },
    { inputs: [floats(random, [4, 3]), floats(random, [3]), floats(random, [3])], build: (...x) => batchNorm(x[0]!, x[1]!, x[2]!)[0] },
    {
      inputs: [floats(random, [4, 3]), floats(random, [3]), floats(random, [3])],
      build: (...x) => batchNorm(x[0]!, x[1]!, x[2]!, { epsilon: 0.1 })[2],
    },
  ],
})

/** Normalizes each channel by a given mean and variance [channels]: x [n, channels, ...] -> (x - mean) / sqrt(variance + epsilon) * scale + bias. */
export const batchNormalize: Operator<[x: Value, scale: Value, bias: Value, mean: Value, variance: Value, options?: BatchNormOptions]> =
  operator({
    name: 'batchNormalize',
    call: (x: Value, scale: Value, bias: Value, mean: Value, variance: Value, { epsilon = 1e-5 }: BatchNormOptions = {}) => ({
      inputs: [x, scale, bias, mean, variance],
      attrs: { epsilon },
    }),
    infer: (inputs) => normalizedType('batchNormalize', inputs),
    grad: (node, [dy]) => {
      const [x, scale, , mean, variance] = node.inputs as [Value, Value, Value, Value, Value]
      if (!dy) return []
      const axes = axesOf(x)
      const power = add(variance, node.attrs.epsilon)
      const inverse = div(1, sqrt(power))
      const dBias = sum(dy, { axes })
      const dScale = mul(sum(mul(dy, sub(x, spread(mean, x))), { axes }), inverse)
      const slope = mul(scale, inverse)
      return [mul(dy, spread(slope, x)), dScale, dBias, mul(mul(dBias, slope), -1), mul(div(mul(dScale, scale), power), -0.5)]
    },
    onnx: (emit, inputs, { attrs }) => normalize(emit, inputs, attrs.epsilon),
    reference: ([x, scale, bias, mean, variance], { attrs }) => normalized(x!, scale!, bias!, mean!, variance!, attrs.epsilon),
    samples: (random) =>
      [
        [2, 3, 2, 2],
        [4, 3],
      ].map((shape) => ({
        inputs: [floats(random, shape), floats(random, [3]), floats(random, [3]), floats(random, [3]), floats(random, [3], [0.5, 2])],
        build: (...x) => batchNormalize(x[0]!, x[1]!, x[2]!, x[3]!, x[4]!),
      })),
  })

function normalizedType(name: string, inputs: readonly TensorType[]): TensorType {
  const [x, ...rest] = inputs as [TensorType, ...TensorType[]]
  expect(isFloat(x.dtype) && x.shape.length >= 2 && typeof x.shape[1] === 'number', name, inputs, 'floats [n, channels, ...]')
  const fits = rest.every(({ shape }) => shape.length === 1 && shape[0] === x.shape[1])
  expect(fits, name, inputs, `one number for each of ${x.shape[1]} channels`)
  return { dtype: x.dtype, shape: x.shape }
}

const axesOf = (x: TensorType) => x.shape.flatMap((_, i) => (i === 1 ? [] : [i]))
const spreadShape = (x: TensorType) => x.shape.slice(1).map((dim, i) => (i === 0 ? (dim as number) : 1))
const spread = (v: Value, x: TensorType) => reshape(v, spreadShape(x))

/** The standard operator in its inference form: one pass over the images. */
function normalize(emit: Emitter, inputs: readonly string[], epsilon: number): string {
  return emit.node('BatchNormalization', inputs, { epsilon: { float: epsilon } })
}

function byChannel(x: Dense, visit: (channel: number, index: number) => void): void {
  const channels = x.shape[1]!
  const area = x.data.length / (x.shape[0]! * channels)
  for (let i = 0; i < x.data.length; i++) visit(Math.floor(i / area) % channels, i)
}

function normalized(x: Dense, scale: Dense, bias: Dense, mean: Dense, variance: Dense, epsilon: number): Dense {
  const data = new Float64Array(x.data.length)
  byChannel(x, (c, i) => {
    data[i] = ((x.data[i]! - mean.data[c]!) / Math.sqrt(variance.data[c]! + epsilon)) * scale.data[c]! + bias.data[c]!
  })
  return { shape: x.shape, data }
}
