/** How the layers of this room are made: a kind, a name, and a function of one value. */
import { fail } from '../core/errors.ts'
import { expect, type Value } from '../graph/index.ts'
import { isFloat } from '../tensor/index.ts'
import type { Layer, Scope } from './layer.ts'

/** What every layer takes. */
export interface Named {
  /** How the layer is called in errors, summaries and weights; default: its kind, numbered. No dots. */
  readonly name?: string | undefined
}

/** A layer of one value. A record of inputs is refused with a word on what takes one. */
export function define(kind: string, name: string | undefined, apply: (x: Value, scope: Scope) => Value): Layer {
  checkName(kind, name)
  return {
    kind,
    name,
    apply: (x, scope) => apply(single(x, kind, scope.path), scope),
  }
}

export function checkName(kind: string, name: string | undefined): void {
  if (name === undefined || (typeof name === 'string' && name !== '' && !name.includes('.'))) return
  throw fail('BAD_OPTION', kind, 'name', name, 'a word without dots')
}

/** Refuses integers, such as the bytes of images or tokens, where a layer computes with floats. */
export function expectFloat(kind: string, x: Value, rank?: number, shape = ''): void {
  expect(isFloat(x.dtype) && (rank === undefined || x.shape.length === rank), kind, [x], shape === '' ? 'floats' : `floats ${shape}`)
}

/** A known size, or an error that says which dimension it is. */
export function sizeAt(kind: string, x: Value, axis: number, what: string): number {
  const size = x.shape.at(axis)
  expect(typeof size === 'number', kind, [x], `a known size of ${what}`)
  return size
}

function single(x: Value | Readonly<Record<string, Value>>, kind: string, path: string): Value {
  if (x !== null && typeof x === 'object' && 'node' in x && 'dtype' in x) return x as Value
  const where = path === '' ? kind : `layer '${path}' (${kind})`
  throw fail('SHAPE_MISMATCH', where, `several inputs (${Object.keys(x ?? {}).join(', ')})`, 'one: begin the model with nn.join({...})')
}
