/**
 * Dimensions: a number, or a symbol known only when the graph runs ('batch'), or a multiple of it ('128*batch').
 * One symbol per dimension is all that reshaping a batch needs; products of two symbols are refused.
 */
import { fail } from '../core/errors.ts'

export type Dim = number | string

/** 'k*symbol' taken apart; a plain number has no symbol. */
export function factorOf(dim: Dim): { factor: number; symbol: string | undefined } {
  if (typeof dim === 'number') return { factor: dim, symbol: undefined }
  const star = dim.indexOf('*')
  return star < 0 ? { factor: 1, symbol: dim } : { factor: Number(dim.slice(0, star)), symbol: dim.slice(star + 1) }
}

export function dimOf(factor: number, symbol: string | undefined): Dim {
  if (symbol === undefined) return factor
  return factor === 1 ? symbol : `${factor}*${symbol}`
}

/** Number of elements of a shape, as a dimension. */
export function sizeOfDims(shape: readonly Dim[]): Dim {
  let size = 1
  let symbol: string | undefined
  for (const dim of shape) {
    const part = factorOf(dim)
    if (part.symbol !== undefined && symbol !== undefined) {
      throw fail('SHAPE_MISMATCH', 'a product of dimensions', `two symbolic ones in [${shape.join(', ')}]`, 'at most one')
    }
    size *= part.factor
    symbol ??= part.symbol
  }
  return dimOf(size, symbol)
}

/** a / b where that is a whole dimension, else undefined. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  const x = factorOf(a)
  const y = factorOf(b)
  if (y.factor === 0 || x.factor % y.factor !== 0) return undefined
  if (y.symbol === undefined) return dimOf(x.factor / y.factor, x.symbol)
  return x.symbol === y.symbol ? x.factor / y.factor : undefined
}

export function isStatic(shape: readonly Dim[]): shape is readonly number[] {
  return shape.every((dim) => typeof dim === 'number')
}

/** Values of the symbols in one run. */
export type Bindings = Readonly<Record<string, number>>

export function bindDim(dim: Dim, bindings: Bindings): number {
  const { factor, symbol } = factorOf(dim)
  if (symbol === undefined) return factor
  const value = bindings[symbol]
  if (value === undefined) throw fail('INTERNAL', `the dimension '${symbol}' has no value`)
  return factor * value
}

export function bindShape(shape: readonly Dim[], bindings: Bindings): number[] {
  return shape.map((dim) => bindDim(dim, bindings))
}

/** Reads symbols off a concrete shape; undefined when it does not fit. */
export function matchShape(pattern: readonly Dim[], shape: readonly number[], bindings: Record<string, number>): boolean {
  if (pattern.length !== shape.length) return false
  return pattern.every((dim, i) => {
    const size = shape[i] as number
    const { factor, symbol } = factorOf(dim)
    if (symbol === undefined) return size === factor
    if (size % factor !== 0) return false
    bindings[symbol] ??= size / factor
    return bindings[symbol] === size / factor
  })
}

/** NumPy's rule: dimensions are aligned at the end; equal, or one of them 1. Undefined when they do not fit. */
export function broadcastDims(a: readonly Dim[], b: readonly Dim[]): Dim[] | undefined {
  const rank = Math.max(a.length, b.length)
  const result: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) return undefined
    result.push(x === 1 ? y : x)
  }
  return result
}

/** Maps a flat index of a broadcast shape to the flat index of an operand. */
export function broadcastIndex(from: readonly number[], to: readonly number[]): (index: number) => number {
  const lead = to.length - from.length
  return (index) => {
    let rest = index
    let at = 0
    let step = 1
    for (let axis = to.length - 1; axis >= lead; axis--) {
      const size = from[axis - lead]!
      if (size !== 1) at += (rest % to[axis]!) * step
      step *= size
      rest = Math.floor(rest / to[axis]!)
    }
    return at
  }
}
