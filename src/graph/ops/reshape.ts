import { bindShape, type Dim, divideDims, sizeOfDims } from '../dim.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'

/**
 * The same numbers in another shape. One dimension may be -1: what is left.
 *
 * @throws SHAPE_MISMATCH when the number of elements differs
 * @example `reshape(images, ['batch', 784])`
 */
export function reshape(x: Value, shape: readonly Dim[]): Value {
  const full = shape.includes(-1) ? fill(x, shape) : shape
  if (full.length === x.shape.length && full.every((dim, i) => dim === x.shape[i])) return x
  return reshapeOp(x, full)
}

export const reshapeOp: Operator<[x: Value, shape: readonly Dim[]]> = operator({
  name: 'reshape',
  call: (x: Value, shape: readonly Dim[]) => ({ inputs: [x], attrs: { shape } }),
  infer: (inputs, { shape }) => {
    const [x] = inputs as [TensorType]
    expect(sizeOfDims(x.shape) === sizeOfDims(shape), 'reshape', inputs, `as many elements as [${shape.join(', ')}]`)
    return { dtype: x.dtype, shape }
  },
  grad: (node, [dy]) => [dy && reshape(dy, node.inputs[0]!.shape)],
  onnx: (emit, [x], node) => emit.node('Reshape', [x!, emit.ints(node.attrs.shape.map((dim) => (typeof dim === 'number' ? dim : -1)))]),
  reference: ([x], node, bindings) => ({ shape: bindShape(node.attrs.shape, bindings), data: x!.data }),
  samples: (random) => [
    { inputs: [floats(random, [2, 6])], build: (x) => reshape(x!, [3, 4]) },
    { inputs: [floats(random, [2, 6])], build: (x) => reshape(x!, [-1]) },
    { inputs: [floats(random, [1, 1])], build: (x) => reshape(x!, []) },
  ],
})

function fill(x: Value, shape: readonly Dim[]): Dim[] {
  const rest = divideDims(sizeOfDims(x.shape), sizeOfDims(shape.filter((dim) => dim !== -1)))
  expect(rest !== undefined, 'reshape', [x], `a number of elements that [${shape.join(', ')}] divides`)
  return shape.map((dim) => (dim === -1 ? rest : dim))
}
