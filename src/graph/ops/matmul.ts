import { isFloat, sizeOf } from '../../tensor/index.ts'
import { broadcastDims, broadcastIndex, type Dim } from '../dim.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { sumTo } from './broadcast.ts'
import { reshape } from './reshape.ts'

export interface MatmulOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/**
 * Matrix product over the last two dimensions, the ones before broadcast: [..., m, k] x [..., k, n] -> [..., m, n].
 * A stack of matrices times one matrix is computed as one tall product.
 */
export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  if (a.shape.length > 2 && b.shape.length === 2 && !options.transposeA) {
    const tall = reshape(a, [-1, a.shape.at(-1)!])
    const y = matmulOp(tall, b, options)
    return reshape(y, [...a.shape.slice(0, -1), y.shape[1]!])
  }
  return matmulOp(a, b, options)
}

export const matmulOp: Operator<[a: Value, b: Value, options?: MatmulOptions]> = operator({
  name: 'matmul',
  call: (a: Value, b: Value, { transposeA = false, transposeB = false }: MatmulOptions = {}) => ({
    inputs: [a, b],
    attrs: { transposeA, transposeB },
  }),
  infer: (inputs, { transposeA, transposeB }) => {
    const [a, b] = inputs as [TensorType, TensorType]
    expect(isFloat(a.dtype) && a.dtype === b.dtype, 'matmul', inputs, 'floats of the same dtype')
    expect(a.shape.length >= 2 && b.shape.length >= 2, 'matmul', inputs, 'at least two dimensions each')
    const [m, ka] = ends(a.shape, transposeA)
    const [kb, n] = ends(b.shape, transposeB)
    const batch = broadcastDims(a.shape.slice(0, -2), b.shape.slice(0, -2))
    expect(ka === kb && batch !== undefined, 'matmul', inputs, `inner sizes that agree (${ka} against ${kb})`)
    return { dtype: a.dtype, shape: [...batch, m, n] }
  },
  grad: (node, [dy]) => {
    const [a, b] = node.inputs as [Value, Value]
    const { transposeA, transposeB } = node.attrs
    if (!dy) return [undefined, undefined]
    const da = transposeA ? matmulOp(b, dy, { transposeA: transposeB, transposeB: true }) : matmulOp(dy, b, { transposeB: !transposeB })
    const db = transposeB ? matmulOp(dy, a, { transposeA: true, transposeB: transposeA }) : matmulOp(a, dy, { transposeA: !transposeA })
    return [sumTo(da, a), sumTo(db, b)]
  },
  onnx: (emit, [a, b], node) => {
    const { transposeA, transposeB } = node.attrs
    const [ra, rb] = node.inputs.map((x) => x.shape.length) as [number, number]
    if (!transposeA && !transposeB) return emit.node('MatMul', [a!, b!])
    if (ra === 2 && rb === 2) return emit.node('Gemm', [a!, b!], { transA: Number(transposeA), transB: Number(transposeB) })
    if (emit.target === 'onnxruntime') {
      return emit.node('FusedMatMul', [a!, b!], { transA: Number(transposeA), transB: Number(transposeB) }, { domain: 'com.microsoft' })
    }
    const turned = (x: string, rank: number, turn: boolean) => (turn ? emit.node('Transpose', [x], { perm: swapLast(rank) }) : x)
    return emit.node('MatMul', [turned(a!, ra, transposeA), turned(b!, rb, transposeB)])
  },
  reference: ([a, b], node) => multiply(a!, b!, node.attrs.transposeA, node.attrs.transposeB),
  samples: (random) => [
    ...[false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => ({
        inputs: [floats(random, transposeA ? [3, 2] : [2, 3]), floats(random, transposeB ? [4, 3] : [3, 4])],
        build: (a?: Value, b?: Value) => matmul(a!, b!, { transposeA, transposeB }),
      })),
    ),
    { inputs: [floats(random, [2, 2, 3]), floats(random, [3, 2])], build: (a, b) => matmul(a!, b!) },
    { inputs: [floats(random, [2, 1, 2, 3]), floats(random, [3, 3, 4])], build: (a, b) => matmul(a!, b!) },
    { inputs: [floats(random, [2, 2, 3]), floats(random, [2, 4, 3])], build: (a, b) => matmul(a!, b!, { transposeB: true }) },
    {
      inputs: [floats(random, [2, 3, 2]), floats(random, [2, 4, 3])],
      build: (a, b) => matmul(a!, b!, { transposeA: true, transposeB: true }),
    },
  ],
})

function ends(shape: readonly Dim[], turned: boolean): [Dim, Dim] {
  const [rows, columns] = shape.slice(-2) as [Dim, Dim]
  return turned ? [columns, rows] : [rows, columns]
}

function swapLast(rank: number): number[] {
  return [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]
}

/** The reference product; also used by gemm. */
export function multiply(a: Dense, b: Dense, transposeA: boolean, transposeB: boolean): Dense {
  const [m, k] = ends(a.shape, transposeA) as [number, number]
  const [, n] = ends(b.shape, transposeB) as [number, number]
  const batch = broadcastDims(a.shape.slice(0, -2), b.shape.slice(0, -2)) as number[]
  const data = new Float64Array(sizeOf(batch) * m * n)
  const ia = broadcastIndex(a.shape.slice(0, -2), batch)
  const ib = broadcastIndex(b.shape.slice(0, -2), batch)
  for (let s = 0; s < sizeOf(batch); s++) {
    const [oa, ob] = [ia(s) * m * k, ib(s) * k * n]
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0
        for (let l = 0; l < k; l++)
          total += a.data[oa + (transposeA ? l * m + i : i * k + l)]! * b.data[ob + (transposeB ? j * k + l : l * n + j)]!
        data[(s * m + i) * n + j] = total
      }
    }
  }
  return { shape: [...batch, m, n], data }
}
