/** softmax and logSoftmax over the last axis. */
import { isFloat } from '../../tensor/index.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { sum } from './reduce.ts'
import { sub } from './sub.ts'

/** e^x over their sum, along the last axis. */
export const softmax: Operator<[x: Value]> = overLast('softmax', 'Softmax', softmaxOf, (y, dy) =>
  mul(y, sub(dy, sum(mul(dy, y), { axes: [-1], keepDims: true }))),
)

/** log(softmax(x)), without overflow. */
export const logSoftmax: Operator<[x: Value]> = overLast(
  'logSoftmax',
  'LogSoftmax',
  (row) => softmaxOf(row).map(Math.log),
  (y, dy) => sub(dy, mul(exp(y), sum(dy, { axes: [-1], keepDims: true }))),
)

function overLast(
  name: string,
  onnx: string,
  of: (row: Float64Array) => Float64Array,
  grad: (y: Value, dy: Value) => Value,
): Operator<[x: Value]> {
  return operator({
    name,
    call: (x: Value) => ({ inputs: [x], attrs: {} }),
    infer: (inputs) => {
      const [x] = inputs as [TensorType]
      expect(isFloat(x.dtype) && x.shape.length >= 1, name, inputs, 'floats with at least one dimension')
      return { dtype: x.dtype, shape: x.shape }
    },
    grad: (node, [dy]) => [dy && grad(node.outputs[0]!, dy)],
    onnx: (emit, inputs) => emit.node(onnx, inputs, { axis: -1 }),
    reference: ([x]) => byRow(x!, of),
    samples: (random) => [{ inputs: [floats(random, [2, 5])] }, { inputs: [floats(random, [2, 2, 3])] }],
  })
}

function softmaxOf(row: Float64Array): Float64Array {
  const top = Math.max(...row)
  const powers = row.map((x) => Math.exp(x - top))
  const total = powers.reduce((a, b) => a + b, 0)
  return powers.map((p) => p / total)
}

function byRow(x: Dense, of: (row: Float64Array) => Float64Array): Dense {
  const width = x.shape.at(-1)!
  const data = Float64Array.from(x.data)
  for (let at = 0; at < data.length; at += width) data.set(of(data.slice(at, at + width)), at)
  return { shape: x.shape, data }
}
