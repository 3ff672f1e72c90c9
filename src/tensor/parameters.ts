/**
 * Parameters are one contiguous `Float32Array` with a layout (name -> shape, offset) and named views into it.
 * Collectives, codecs, aggregation, checkpoints and federated updates work on the flat buffer; layers see the views.
 */
import { fail } from '../core/errors.ts'
import { sameShape, sizeOf } from './shape.ts'
import type { Tensor } from './tensor.ts'

export interface LayoutEntry {
  readonly name: string
  readonly shape: readonly number[]
  /** First element in the flat buffer. Every entry begins at a multiple of 16 elements (64 bytes, a cache line). */
  readonly offset: number
  readonly size: number
}

export interface Layout {
  readonly entries: readonly LayoutEntry[]
  /** Elements of the flat buffer, gaps between entries included. */
  readonly length: number
}

export interface Parameters {
  readonly layout: Layout
  readonly flat: Float32Array
}

const ALIGN = 16

/** Lays out named shapes one after another. Names must be unique. */
export function layoutOf(shapes: Iterable<readonly [name: string, shape: readonly number[]]>): Layout {
  const entries: LayoutEntry[] = []
  const names = new Set<string>()
  let offset = 0
  for (const [name, shape] of shapes) {
    if (names.has(name)) throw fail('INTERNAL', `two parameters are named '${name}'`)
    names.add(name)
    const size = sizeOf(shape)
    entries.push({ name, shape, offset, size })
    offset += Math.ceil(size / ALIGN) * ALIGN
  }
  return { entries, length: offset }
}

export function zeros(layout: Layout): Parameters {
  return { layout, flat: new Float32Array(layout.length) }
}

export function cloneParameters(p: Parameters): Parameters {
  return { layout: p.layout, flat: p.flat.slice() }
}

/** The named views; they share the flat buffer's memory. */
export function viewsOf(p: Parameters): Record<string, Tensor<'float32'>> {
  const views: Record<string, Tensor<'float32'>> = {}
  for (const { name, shape, offset, size } of p.layout.entries) {
    views[name] = { dtype: 'float32', shape, data: p.flat.subarray(offset, offset + size) }
  }
  return views
}

/** Numbers that are really parameters, alignment gaps left out. */
export function countOf(layout: Layout): number {
  return layout.entries.reduce((sum, entry) => sum + entry.size, 0)
}

/** What differs between two layouts, one sentence each; empty when they agree. */
export function layoutDifferences(have: Layout, want: Layout): string[] {
  const there = new Map(have.entries.map((entry) => [entry.name, entry]))
  const differences: string[] = []
  for (const { name, shape } of want.entries) {
    const found = there.get(name)
    if (!found) differences.push(`'${name}' [${shape.join(', ')}] is new`)
    else if (!sameShape(found.shape, shape)) differences.push(`'${name}' was [${found.shape.join(', ')}] and is now [${shape.join(', ')}]`)
    there.delete(name)
  }
  for (const { name, shape } of there.values()) differences.push(`'${name}' [${shape.join(', ')}] is gone`)
  return differences
}
