import { isFloat } from '../../tensor/index.ts'
import { broadcastDims, type Dim } from '../dim.ts'
import { zip } from '../elementwise.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { sumTo } from './broadcast.ts'
import { type MatmulOptions, matmul, multiply } from './matmul.ts'

/**
 * a b + c for two matrices and a c that broadcasts to the product: a dense layer, or a weight's update when c is the
 * weight and a b its scaled gradient.
 */
export const gemm: Operator<[a: Value, b: Value, c: Value, options?: MatmulOptions]> = operator({
  name: 'gemm',
  call: (a: Value, b: Value, c: Value, { transposeA = false, transposeB = false }: MatmulOptions = {}) => ({
    inputs: [a, b, c],
    attrs: { transposeA, transposeB },
  }),
  infer: (inputs, { transposeA, transposeB }) => {
    const [a, b, c] = inputs as [TensorType, TensorType, TensorType]
    expect(isFloat(a.dtype) && a.dtype === b.dtype && b.dtype === c.dtype, 'gemm', inputs, 'floats of the same dtype')
    expect(a.shape.length === 2 && b.shape.length === 2, 'gemm', inputs, 'two matrices')
    const shape = [a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1]] as Dim[]
    const inner = [a.shape[transposeA ? 0 : 1], b.shape[transposeB ? 1 : 0]]
    expect(inner[0] === inner[1], 'gemm', inputs, `inner sizes that agree (${inner.join(' against ')})`)
    const joined = broadcastDims(c.shape, shape)
    expect(
      joined !== undefined && joined.length === 2 && joined.every((dim, i) => dim === shape[i]),
      'gemm',
      inputs,
      `a third shape that broadcasts to [${shape.join(', ')}]`,
    )
    return { dtype: a.dtype, shape }
  },
  grad: (node, [dy]) => {
    const [a, b, c] = node.inputs as [Value, Value, Value]
    const { transposeA, transposeB } = node.attrs
    if (!dy) return [undefined, undefined, undefined]
    const da = transposeA ? matmul(b, dy, { transposeA: transposeB, transposeB: true }) : matmul(dy, b, { transposeB: !transposeB })
    const db = transposeB ? matmul(dy, a, { transposeA: true, transposeB: transposeA }) : matmul(a, dy, { transposeA: !transposeA })
    return [da, db, sumTo(dy, c)]
  },
  onnx: (emit, inputs, node) => emit.node('Gemm', inputs, { transA: Number(node.attrs.transposeA), transB: Number(node.attrs.transposeB) }),
  reference: ([a, b, c], node) => zip(multiply(a!, b!, node.attrs.transposeA, node.attrs.transposeB), c!, (x, y) => x + y, 'float32'),
  samples: (random) => [
    { inputs: [floats(random, [2, 3]), floats(random, [3, 4]), floats(random, [4])] },
    {
      inputs: [floats(random, [3, 2]), floats(random, [3, 4]), floats(random, [2, 4])],
      build: (a, b, c) => gemm(a!, b!, c!, { transposeA: true }),
    },
    {
      inputs: [floats(random, [3, 2]), floats(random, [4, 3]), floats(random, [2, 1])],
      build: (a, b, c) => gemm(a!, b!, c!, { transposeA: true, transposeB: true }),
    },
  ],
})
