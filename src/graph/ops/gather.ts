/** gather and scatterAdd: an adjoint pair. gather is an embedding's look-up, scatterAdd its gradient. */
import { sizeOf, tensor } from '../../tensor/index.ts'
import { storeFor } from '../elementwise.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats, ints } from '../samples.ts'

/** Rows of a table by index: table [n, ...row], indices [...i] -> [...i, ...row]. Indices outside 0..n-1 are an error when run. */
export const gather: Operator<[table: Value, indices: Value]> = operator({
  name: 'gather',
  call: (table: Value, indices: Value) => ({ inputs: [table, indices], attrs: {} }),
  infer: (inputs) => {
    const [table, indices] = inputs as [TensorType, TensorType]
    expect(indices.dtype === 'int32' && table.shape.length >= 1, 'gather', inputs, 'a table and int32 indices')
    return { dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }
  },
  grad: (node, [dy]) => {
    const [table, indices] = node.inputs as [Value, Value]
    return [dy && scatterAdd(dy, indices, table.shape[0] as number), undefined]
  },
  onnx: (emit, inputs) => emit.node('Gather', inputs, { axis: 0 }),
  reference: ([table, indices], node) => {
    const row = sizeOf(table!.shape.slice(1))
    const shape = [...indices!.shape, ...table!.shape.slice(1)]
    const data = storeFor(node.outputs[0]!.dtype, sizeOf(shape))
    indices!.data.forEach((index, i) => {
      for (let j = 0; j < row; j++) data[i * row + j] = table!.data[index * row + j]!
    })
    return { shape, data }
  },
  samples: (random) => [
    { inputs: [floats(random, [5, 3]), ints(random, [2, 4], 5)] },
    { inputs: [floats(random, [4]), ints(random, [3], 4)] },
  ],
})

/**
 * Up to this table size a product with the one-hot matrix is faster (measured for 2048 rows of 128) than ScatterElements. ScatterND would be
 * faster than both, but onnxruntime runs it on several threads that overwrite each other's sums where indices repeat.
 */
const PRODUCT = 128

/** Sums rows into a table of `size` rows: rows [...i, ...row] at indices [...i] -> [size, ...row]. */
export const scatterAdd: Operator<[rows: Value, indices: Value, size: number]> = operator({
  name: 'scatterAdd',
  call: (rows: Value, indices: Value, size: number) => ({ inputs: [rows, indices], attrs: { size } }),
  infer: (inputs, { size }) => {
    const [rows, indices] = inputs as [TensorType, TensorType]
    const rank = indices.shape.length
    expect(
      indices.dtype === 'int32' && indices.shape.every((dim, i) => dim === rows.shape[i]),
      'scatterAdd',
      inputs,
      'rows that begin with the shape of int32 indices',
    )
    return { dtype: rows.dtype, shape: [size, ...rows.shape.slice(rank)] }
  },
  grad: (node, [dy]) => [dy && gather(dy, node.inputs[1]!), undefined],
  onnx: (emit, [rows, indices], node) => {
    const { size } = node.attrs
    const [x, at] = node.inputs as [Value, Value]
    const row = x.shape.slice(at.shape.length)
    const width = row.reduce<number>((total, dim) => total * (dim as number), 1)
    const flatRows = emit.node('Reshape', [rows!, emit.ints([-1, width])])
    const shape = emit.ints([size, ...(row as number[])])
    if (size > PRODUCT) {
      const wide = emit.node('Expand', [emit.node('Reshape', [indices!, emit.ints([-1, 1])]), emit.ints([1, width])])
      const zeros = emit.node('ConstantOfShape', [emit.ints([size, width])], { value: { tensor: tensor('float32', [1], [0]) } })
      const sums = emit.node('ScatterElements', [zeros, wide, flatRows], { axis: 0, reduction: 'add' })
      return emit.node('Reshape', [sums, shape])
    }
    const flatIndices = emit.node('Reshape', [indices!, emit.ints([-1])])
    const hot = emit.node(
      'OneHot',
      [flatIndices, emit.constant(tensor('int32', [1], [size])), emit.constant(tensor('float32', [2], [0, 1]))],
      { axis: -1 },
    )
    const table = emit.node('Gemm', [hot, flatRows], { transA: 1 })
    return emit.node('Reshape', [table, shape])
  },
  reference: ([rows, indices], node) => {
    const { size } = node.attrs
    const shape = [size, ...rows!.shape.slice(indices!.shape.length)]
    const row = sizeOf(shape) / size
    const data = new Float64Array(sizeOf(shape))
    indices!.data.forEach((index, i) => {
      for (let j = 0; j < row; j++) data[index * row + j]! += rows!.data[i * row + j]!
    })
    return { shape, data }
  },
  samples: (random) => [
    { inputs: [floats(random, [2, 4, 3]), ints(random, [2, 4], 5)], build: (rows, at) => scatterAdd(rows!, at!, 6) },
    { inputs: [floats(random, [5, 2, 2]), ints(random, [5], 3)], build: (rows, at) => scatterAdd(rows!, at!, 200) },
    { inputs: [floats(random, [4]), ints(random, [4], 3)], build: (rows, at) => scatterAdd(rows!, at!, 200) },
  ],
})
