import { isFloat, type Tensor, tensor } from '../../tensor/index.ts'
import { type Operator, operator, registerConstant, type Value } from '../op.ts'

/** A tensor known at trace time. @example `constant(tensor('float32', [2], [1, 2]))` */
export const constant: Operator<[value: Tensor]> = operator({
  name: 'constant',
  call: (value: Tensor) => ({ inputs: [], attrs: { value } }),
  infer: (_inputs, { value }) => ({ dtype: value.dtype, shape: value.shape }),
  grad: () => [],
  onnx: (emit, _inputs, node) => emit.constant(node.attrs.value),
  reference: (_inputs, node) => {
    const { dtype, shape, data } = node.attrs.value
    if (isFloat(dtype)) return { shape, data: Float64Array.from(data as Float32Array) }
    if (dtype === 'int64') return { shape, data: Int32Array.from(data as BigInt64Array, Number) }
    return { shape, data: data as Int32Array }
  },
  samples: () => [{ inputs: [], build: () => constant(tensor('float32', [2, 2], [1, 2, 3, 4])) }],
  foldable: false,
})

/** The tensor of a constant, else undefined. */
export function constantOf(value: Value): Tensor | undefined {
  return value.node.op === constant.op ? (value.node.attrs.value as Tensor) : undefined
}

/** Whether a value is a constant whose elements all equal a number. */
export function isConstant(value: Value, number: number): boolean {
  const found = constantOf(value)
  return found !== undefined && found.data.length > 0 && found.dtype !== 'int64' && (found.data as Float32Array).every((x) => x === number)
}

registerConstant((value, dtype) => constant(tensor(dtype, [], [value])))
