/** Sums, means, maxima over axes. Axes count from the end when negative; default: all. */
import { isFloat, sizeOf, stridesOf, tensor } from '../../tensor/index.ts'
import { type Dim, factorOf } from '../dim.ts'
import { normalizeAxes } from '../elementwise.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { type Dense, expect, type Node, type Operator, operator, type Value } from '../op.ts'
import { distinct, floats } from '../samples.ts'
import { broadcastTo } from './broadcast.ts'
import { cast } from './cast.ts'
import { constant } from './constant.ts'
import { dimSize } from './dimSize.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { mul } from './mul.ts'
import { reshape } from './reshape.ts'

export interface ReduceOptions {
  readonly axes?: readonly number[]
  /** Keeps the reduced dimensions, as 1. */
  readonly keepDims?: boolean
}

interface Reduction {
  readonly name: string
  readonly onnx: string
  readonly start: number
  readonly step: (sum: number, x: number) => number
  readonly end?: (sum: number, count: number) => number
  /** dx, given y and dy with the reduced dimensions kept as 1. */
  readonly grad: (x: Value, y: Value, dy: Value, axes: readonly number[]) => Value
}

export const sum: Operator<[x: Value, options?: ReduceOptions]> = reduction({
  name: 'sum',
  onnx: 'ReduceSum',
  start: 0,
  step: (total, x) => total + x,
  grad: (x, _y, dy) => broadcastTo(dy, x),
})

export const mean: Operator<[x: Value, options?: ReduceOptions]> = reduction({
  name: 'mean',
  onnx: 'ReduceMean',
  start: 0,
  step: (total, x) => total + x,
  end: (total, count) => total / count,
  grad: (x, _y, dy, axes) => broadcastTo(div(dy, countOf(x, axes)), x),
})

/** The largest element; equal ones share the gradient. */
export const max: Operator<[x: Value, options?: ReduceOptions]> = reduction({
  name: 'max',
  onnx: 'ReduceMax',
  start: Number.NEGATIVE_INFINITY,
  step: Math.max,
  grad: (x, y, dy, axes) => {
    const hit = cast(equal(x, y), x.dtype)
    return mul(hit, div(dy, sum(hit, { axes, keepDims: true })))
  },
})

/** From this many rows on, and where their number is a multiple of the batch, a product with ones is faster than ReduceSum: 8 times on 2 threads. */
const MANY_ROWS = 256

/** Sums of the columns of a tall matrix, as of a bias' gradient over sequences: ones [1, rows] times x. */
function columnSums(emit: Emitter, x: string, { op, attrs, inputs, outputs }: Node): string | undefined {
  const [rows, columns] = inputs[0]!.shape as [Dim, Dim]
  const fits = op === sum.op && inputs[0]!.dtype === 'float32' && inputs[0]!.shape.length === 2 && (attrs.axes as number[]).join() === '0'
  const { factor, symbol } = factorOf(rows)
  if (!fits || typeof columns !== 'number' || (symbol === undefined ? factor < MANY_ROWS : factor < 8)) return undefined
  const one = { value: { tensor: tensor('float32', [1], [1]) } }
  const count = emit.node('Concat', [emit.ints([1]), emit.node('Shape', [x], { start: 0, end: 1 })], { axis: 0 })
  const sums = emit.node('Gemm', [emit.node('ConstantOfShape', [count], one), x])
  return outputs[0]!.shape.length === 2 ? sums : emit.node('Reshape', [sums, emit.ints([columns])])
}

/** Number of elements under the axes, as a scalar. */
export function countOf(x: Value, axes: readonly number[]): Value {
  let known = 1
  let count: Value | undefined
  for (const axis of axes) {
    const dim = x.shape[axis] as Dim
    if (typeof dim === 'number') known *= dim
    else count = count ? mul(count, dimSize(x, axis)) : dimSize(x, axis)
  }
  if (count) return cast(known === 1 ? count : mul(count, known), x.dtype)
  return constant(tensor(x.dtype, [], [known]))
}

function reduction({ name, onnx, start, step, end, grad }: Reduction): Operator<[x: Value, options?: ReduceOptions]> {
  return operator({
    name,
    call: (x: Value, { axes, keepDims = false }: ReduceOptions = {}) => ({
      inputs: [x],
      attrs: { axes: normalizeAxes(name, x, axes ?? x.shape.map((_, i) => i)).sort((a, b) => a - b), keepDims },
    }),
    infer: (inputs, { axes, keepDims }) => {
      const [x] = inputs as [Value]
      expect(isFloat(x.dtype), name, inputs, 'floats')
      const shape = x.shape.flatMap((dim, i) => (!axes.includes(i) ? [dim] : keepDims ? [1] : []))
      return { dtype: x.dtype, shape }
    },
    grad: (node, [dy]) => {
      const x = node.inputs[0]!
      const y = node.outputs[0]!
      if (!dy) return [undefined]
      // A scalar broadcasts as it is; otherwise the reduced dimensions are put back, as 1.
      const kept = x.shape.map((dim, i) => (node.attrs.axes.includes(i) ? 1 : dim))
      const aligned = (value: Value) => (value.shape.length === 0 ? value : reshape(value, kept))
      return [grad(x, aligned(y), aligned(dy), node.attrs.axes)]
    },
    onnx: (emit, [x], node) =>
      node.attrs.axes.length === 0
        ? emit.node('Identity', [x!])
        : (columnSums(emit, x!, node) ?? emit.node(onnx, [x!, emit.ints(node.attrs.axes)], { keepdims: node.attrs.keepDims ? 1 : 0 })),
    reference: ([x], node) => reduce(x!, node.attrs.axes, node.attrs.keepDims),
    samples: (random) => [
      { inputs: [distinct(random, [2, 3, 4])], build: (x) => self(x!) },
      { inputs: [distinct(random, [2, 3, 4])], build: (x) => self(x!, { axes: [-1], keepDims: true }) },
      { inputs: [distinct(random, [2, 3, 4])], build: (x) => self(x!, { axes: [0, 2] }) },
      { inputs: [floats(random, [3, 1])], build: (x) => self(x!, { axes: [1] }) },
      { inputs: [floats(random, [300, 2])], build: (x) => self(x!, { axes: [0] }), differentiate: [] },
    ],
  })

  function self(x: Value, options?: ReduceOptions): Value {
    return ({ sum, mean, max } as Record<string, typeof sum>)[name]!(x, options)
  }

  function reduce(x: Dense, axes: readonly number[], keepDims: boolean): Dense {
    const kept = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    const data = new Float64Array(sizeOf(kept)).fill(start)
    const strides = stridesOf(x.shape)
    const outer = stridesOf(kept)
    for (let i = 0; i < x.data.length; i++) {
      let at = 0
      for (let axis = 0; axis < kept.length; axis++) {
        if (kept[axis] !== 1) at += (Math.floor(i / strides[axis]!) % kept[axis]!) * outer[axis]!
      }
      data[at] = step(data[at]!, x.data[i]!)
    }
    const count = x.data.length / data.length
    if (end) data.forEach((total, i) => void (data[i] = end(total, count)))
    return { shape: keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i)), data }
  }
}
