import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { distinct } from '../samples.ts'

/** Index of the largest number along the last axis, as int32; the first of equal ones. */
export const argMax: Operator<[x: Value]> = operator({
  name: 'argMax',
  call: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: (inputs) => {
    const [x] = inputs as [TensorType]
    expect(x.shape.length >= 1, 'argMax', inputs, 'at least one dimension')
    return { dtype: 'int32', shape: x.shape.slice(0, -1) }
  },
  onnx: (emit, inputs) => emit.node('Cast', [emit.node('ArgMax', inputs, { axis: -1, keepdims: 0 })], { to: 6 }),
  reference: ([x]) => {
    const width = x!.shape.at(-1)!
    const rows = x!.data.length / width
    const best = (row: number) => {
      let at = 0
      for (let j = 1; j < width; j++) if (x!.data[row * width + j]! > x!.data[row * width + at]!) at = j
      return at
    }
    return { shape: x!.shape.slice(0, -1), data: Int32Array.from({ length: rows }, (_, row) => best(row)) }
  },
  samples: (random) => [{ inputs: [distinct(random, [2, 3, 4])] }],
})
