/** What the element-by-element operators share: broadcasting and its adjoint, reference loops, samples. */
import type { Random } from '../core/random.ts'
import { type DType, isFloat, sizeOf } from '../tensor/index.ts'
import { broadcastDims, broadcastIndex } from './dim.ts'
import { pointwise } from './onnx/blocked.ts'
import { type Dense, expect, type Operand, type Operator, operator, type Sample, type TensorType, type Value } from './op.ts'
import { sumTo } from './ops/broadcast.ts'
import { floats } from './samples.ts'

interface Unary {
  readonly name: string
  readonly onnx: string
  readonly of: (x: number) => number
  /** dx from x, y and dy. */
  readonly grad?: (x: Value, y: Value, dy: Value) => Value
  /** Where samples are drawn from, away from kinks and poles. */
  readonly domain?: readonly [number, number]
}

/** An operator of one float operand, element by element. */
export function unary({ name, onnx, of, grad, domain }: Unary): Operator<[x: Value]> {
  return operator({
    name,
    call: (x: Value) => ({ inputs: [x], attrs: {} }),
    infer: (inputs) => {
      expect(isFloat(inputs[0]!.dtype), name, inputs, 'a float')
      return { dtype: inputs[0]!.dtype, shape: inputs[0]!.shape }
    },
    ...(grad && { grad: (node, [dy]) => [dy && grad(node.inputs[0]!, node.outputs[0]!, dy)] }),
    onnx: (emit, inputs, node) => pointwise(emit, onnx, inputs, [node.inputs[0]!.shape], node.inputs[0]!.shape),
    reference: ([x]) => ({ shape: x!.shape, data: Float64Array.from(x!.data, of) }),
    samples: (random) => [[], [3], [2, 3, 2]].map((shape) => ({ inputs: [floats(random, shape, domain)] })),
  })
}

interface Binary {
  readonly name: string
  readonly onnx: string
  readonly of: (a: number, b: number) => number
  /** da and db from a, b, y, dy, as if both had y's shape: broadcasting is undone here. */
  readonly grad?: (a: Value, b: Value, y: Value, dy: Value) => readonly [Value | undefined, Value | undefined]
  /** Comparisons and logic give bool. */
  readonly result?: DType
  /** What operands it takes; default: any, both the same. */
  readonly operands?: 'float' | 'bool'
  readonly samples?: (random: Random) => readonly Sample[]
  readonly domain?: readonly [number, number]
}

/** An operator of two operands with broadcasting. */
export function binary(definition: Binary): Operator<[a: Operand, b: Operand]> {
  const { name, onnx, of, grad, result, operands, domain } = definition
  return operator({
    name,
    call: (a: Operand, b: Operand) => ({ inputs: [a, b], attrs: {} }),
    infer: (inputs) => {
      const [a, b] = inputs as [TensorType, TensorType]
      expect(a.dtype === b.dtype, name, inputs, 'operands of the same dtype')
      if (operands === 'float') expect(isFloat(a.dtype), name, inputs, 'floats')
      if (operands === 'bool') expect(a.dtype === 'bool', name, inputs, 'bools')
      const shape = broadcastDims(a.shape, b.shape)
      expect(shape !== undefined, name, inputs, 'shapes that broadcast: equal, or 1, aligned at the end')
      return { dtype: result ?? a.dtype, shape }
    },
    ...(grad && {
      grad: (node, [dy]) => {
        const [a, b] = node.inputs as [Value, Value]
        if (!dy) return [undefined, undefined]
        const [da, db] = grad(a, b, node.outputs[0]!, dy)
        return [da && sumTo(da, a), db && sumTo(db, b)]
      },
    }),
    onnx: (emit, inputs, node) =>
      pointwise(
        emit,
        onnx,
        inputs,
        node.inputs.map(({ shape }) => shape),
        node.outputs[0]!.shape,
      ),
    reference: ([a, b], node) => zip(a!, b!, of, node.outputs[0]!.dtype),
    samples:
      definition.samples ??
      ((random) =>
        [
          [
            [2, 3],
            [2, 3],
          ],
          [
            [2, 1, 3],
            [4, 1],
          ],
          [[], [3]],
          [
            [2, 3],
            [1, 3],
          ],
        ].map(([a, b]) => ({ inputs: [floats(random, a!, domain), floats(random, b!, domain)] }))),
  })
}

/** Storage the reference computes in: float64 for floats. */
export function storeFor(dtype: DType, size: number): Dense['data'] {
  if (isFloat(dtype)) return new Float64Array(size)
  return dtype === 'bool' || dtype === 'uint8' ? new Uint8Array(size) : new Int32Array(size)
}

/** Elementwise function of two arrays with broadcasting. */
export function zip(a: Dense, b: Dense, of: (a: number, b: number) => number, dtype: DType): Dense {
  const shape = broadcastDims(a.shape, b.shape) as number[]
  const data = storeFor(dtype, sizeOf(shape))
  const ia = broadcastIndex(a.shape, shape)
  const ib = broadcastIndex(b.shape, shape)
  for (let i = 0; i < data.length; i++) data[i] = of(a.data[ia(i)]!, b.data[ib(i)]!)
  return { shape, data }
}

/** Turns -1 into the last axis, and refuses axes that are not there. */
export function normalizeAxes(name: string, x: TensorType, axes: readonly number[]): number[] {
  const rank = x.shape.length
  return axes.map((axis) => {
    expect(Number.isInteger(axis) && axis >= -rank && axis < rank, name, [x], `axes between ${-rank} and ${rank - 1}, not ${axis}`)
    return axis < 0 ? axis + rank : axis
  })
}
