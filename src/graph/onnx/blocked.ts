/**
 * ONNX Runtime's own layout of images, NCHWc: channels in blocks of 8 or 16 that lie innermost, as wide as the processor's registers.
 * Its convolutions are about twice as fast there. Its optimizer goes there by itself, but only where kernels are constants, which in training
 * they are not; so operators write that form themselves. A tensor keeps its shape [n, channels, height, width], only the order differs, so that
 * what works element by element works on it as it is. Operators leave both forms; the one that nobody reads is never written to the model.
 */
import type { Dim } from '../dim.ts'
import type { Emitter } from './emitter.ts'

const DOMAIN = { domain: 'com.microsoft.nchwc' } as const

/** Whether images of this shape have a blocked form. */
export function blockable(emit: Emitter, shape: readonly Dim[]): boolean {
  return (
    emit.block > 0 &&
    shape.length === 4 &&
    shape.slice(1).every((dim) => typeof dim === 'number') &&
    (shape[1] as number) % emit.block === 0
  )
}

/** The blocked form of images. */
export function toBlocked(emit: Emitter, x: string): string {
  const known = emit.blocked.get(x)
  if (known !== undefined) return known
  const made = reorderInput(emit, x)
  emit.blocked.set(x, made)
  return made
}

/** The plain form of blocked images. */
export function toPlain(emit: Emitter, blocked: string, channels: number): string {
  const plain = emit.node('ReorderOutput', [blocked], { channels }, DOMAIN)
  emit.blocked.set(plain, blocked)
  return plain
}

/** Puts the second dimension, cut in blocks, innermost: [a, b, c, d] -> [a, b / block, c, d, block], under the old shape. */
export function reorderInput(emit: Emitter, x: string): string {
  return emit.node('ReorderInput', [x], {}, DOMAIN)
}

export interface BlockedConv {
  readonly strides: readonly number[]
  readonly pads: readonly number[]
  readonly dilations: readonly number[]
}

/** A convolution of blocked images (or plain ones of few channels) with blocked kernels to blocked images. */
export function blockedConv(emit: Emitter, inputs: readonly string[], { strides, pads, dilations }: BlockedConv): string {
  return emit.node('Conv', inputs, { strides, pads, dilations, group: 1, auto_pad: 'NOTSET' }, DOMAIN)
}

export function blockedPool(emit: Emitter, type: string, x: string, attrs: Readonly<Record<string, number | readonly number[]>>): string {
  return emit.node(type, [x], { ...attrs, auto_pad: 'NOTSET' }, DOMAIN)
}

/**
 * An element-by-element operation, in blocks too where all its operands of the result's shape are at hand in blocks and the others are single
 * numbers.
 */
export function pointwise(
  emit: Emitter,
  type: string,
  inputs: readonly string[],
  shapes: readonly (readonly Dim[])[],
  shape: readonly Dim[],
  attrs: Parameters<Emitter['node']>[2] = {},
): string {
  const plain = () => emit.node(type, inputs, attrs)
  if (!blockable(emit, shape)) return plain()
  const full = shapes.map((from) => from.length === 4 && from.every((dim, i) => dim === shape[i]))
  const own = inputs.map((x, i) => (full[i] ? emit.blocked.get(x) : shapes[i]!.length === 0 ? x : undefined))
  if (!full.includes(true) || own.includes(undefined)) return plain()
  const y = plain()
  emit.blocked.set(y, emit.node(type, own as string[], attrs))
  return y
}
