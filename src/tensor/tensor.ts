import { fail } from '../core/errors.ts'
import { type ArrayOf, type DType, dtypes } from './dtype.ts'
import { sizeOf } from './shape.ts'

/** Numbers with a shape: plain data, row-major, no methods. The data may be a view into a larger buffer. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: ArrayOf<D>
}

/**
 * A tensor over given data (not copied), or filled with zeros.
 *
 * @throws SHAPE_MISMATCH when the data has another number of elements than the shape.
 * @example `tensor('float32', [2, 2], [1, 2, 3, 4])`
 */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data?: ArrayOf<D> | readonly number[]): Tensor<D> {
  const size = sizeOf(shape)
  const Store = dtypes[dtype].array as unknown as new (from: number | readonly unknown[]) => ArrayOf<D>
  const values =
    data === undefined
      ? new Store(size)
      : Array.isArray(data)
        ? new Store(dtype === 'int64' ? data.map(BigInt) : data)
        : (data as ArrayOf<D>)
  if (values.length !== size)
    throw fail('SHAPE_MISMATCH', `tensor(${dtype})`, `${values.length} numbers`, `${size} for shape [${shape.join(', ')}]`)
  return { dtype, shape, data: values }
}

export function scalar(value: number, dtype: DType = 'float32'): Tensor {
  return tensor(dtype, [], [value])
}

/** A copy with its own memory. */
export function clone<D extends DType>(t: Tensor<D>): Tensor<D> {
  return { dtype: t.dtype, shape: t.shape, data: t.data.slice() as ArrayOf<D> }
}

/** 'float32[2, 3]', as errors print it. */
export function describe(t: { dtype: DType; shape: readonly (number | string)[] }): string {
  return `${t.dtype}[${t.shape.join(', ')}]`
}
