/** slice and pad: an adjoint pair, each the other's gradient. */
import { sizeOf, stridesOf } from '../../tensor/index.ts'
import { normalizeAxes } from '../elementwise.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'

/** Elements `start` (included) to `end` (excluded) along one axis of known size; negative numbers count from the end. */
export const slice: Operator<[x: Value, axis: number, start: number, end?: number]> = operator({
  name: 'slice',
  call: (x: Value, axis: number, start: number, end?: number) => {
    const [at] = normalizeAxes('slice', x, [axis]) as [number]
    const size = x.shape[at]
    if (typeof size !== 'number') return { inputs: [x], attrs: { axis: at, start, end: end ?? Number.MAX_SAFE_INTEGER } }
    const from = start < 0 ? start + size : start
    const to = end === undefined ? size : end < 0 ? end + size : end
    return { inputs: [x], attrs: { axis: at, start: from, end: to } }
  },
  infer: (inputs, { axis, start, end }) => {
    const [x] = inputs as [TensorType]
    const size = x.shape[axis]
    expect(typeof size === 'number', 'slice', inputs, `an axis ${axis} whose size is known when tracing`)
    expect(start >= 0 && end <= size && start < end, 'slice', inputs, `a range inside 0..${size}, not ${start}..${end}`)
    return { dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? end - start : dim)) }
  },
  grad: (node, [dy]) => {
    const { axis, start, end } = node.attrs
    return [dy && pad(dy, axis, start, (node.inputs[0]!.shape[axis] as number) - end)]
  },
  onnx: (emit, [x], { attrs }) => emit.node('Slice', [x!, emit.ints([attrs.start]), emit.ints([attrs.end]), emit.ints([attrs.axis])]),
  reference: ([x], { attrs }) => cut(x!, attrs.axis, attrs.start, attrs.end),
  samples: (random) => [
    { inputs: [floats(random, [4, 3])], build: (x) => slice(x!, 0, 1, 3) },
    { inputs: [floats(random, [2, 5, 2])], build: (x) => slice(x!, 1, -2) },
  ],
})

/** Zeros (or another value) before and after along one axis. */
export const pad: Operator<[x: Value, axis: number, before: number, after: number, value?: number]> = operator({
  name: 'pad',
  call: (x: Value, axis: number, before: number, after: number, value = 0) => ({
    inputs: [x],
    attrs: { axis: normalizeAxes('pad', x, [axis])[0]!, before, after, value },
  }),
  infer: (inputs, { axis, before, after }) => {
    const [x] = inputs as [TensorType]
    const size = x.shape[axis]
    expect(typeof size === 'number' && before >= 0 && after >= 0, 'pad', inputs, `an axis ${axis} of known size and paddings not below 0`)
    return { dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? size + before + after : dim)) }
  },
  grad: (node, [dy]) => {
    const { axis, before } = node.attrs
    return [dy && slice(dy, axis, before, before + (node.inputs[0]!.shape[axis] as number))]
  },
  onnx: (emit, [x], { attrs }) =>
    emit.node('Pad', [x!, emit.ints([attrs.before, attrs.after]), emit.float(attrs.value), emit.ints([attrs.axis])]),
  reference: ([x], { attrs }) => {
    const { axis, before, after, value } = attrs
    const shape = x!.shape.map((dim, i) => (i === axis ? dim + before + after : dim))
    const data = new Float64Array(sizeOf(shape)).fill(value)
    const inner = stridesOf(x!.shape)[axis]!
    const run = x!.shape[axis]! * inner
    for (let o = 0; o * run < x!.data.length; o++) {
      const to = o * shape[axis]! * inner + before * inner
      for (let i = 0; i < run; i++) data[to + i] = x!.data[o * run + i]!
    }
    return { shape, data }
  },
  samples: (random) => [
    { inputs: [floats(random, [2, 3])], build: (x) => pad(x!, 1, 1, 2) },
    { inputs: [floats(random, [2, 2, 2])], build: (x) => pad(x!, -3, 0, 1, -5) },
  ],
})

/** The reference of slice; also used by concat. */
export function cut(x: Dense, axis: number, start: number, end: number): Dense {
  const shape = x.shape.map((dim, i) => (i === axis ? end - start : dim))
  const data = x.data.slice(0, sizeOf(shape))
  const inner = stridesOf(x.shape)[axis]!
  const run = (end - start) * inner
  for (let o = 0; o * run < data.length; o++) {
    const from = o * x.shape[axis]! * inner + start * inner
    for (let i = 0; i < run; i++) data[o * run + i] = x.data[from + i]!
  }
  return { shape, data }
}
