/**
 * Numbers that every measured program can make for itself, bit for bit: first weights and inputs are a formula of their
 * index, so that all programs train the same model on the same data without a file between them.
 */

/** Well-mixed 32 bits of an index in a stream. `peers/pytorch.py` has the same lines. */
export function bits(seed: number, index: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return (h ^ (h >>> 16)) >>> 0
}

/** Evenly spread over center - bound .. center + bound. */
export function reals(seed: number, size: number, center: number, bound: number): Float32Array {
  const values = new Float32Array(size)
  for (let i = 0; i < size; i++) values[i] = center + bound * ((2 * bits(seed, i)) / 4294967296 - 1)
  return values
}

/** Evenly spread over 0 .. below - 1. */
export function integers(seed: number, size: number, below: number): Int32Array {
  const values = new Int32Array(size)
  for (let i = 0; i < size; i++) values[i] = bits(seed, i) % below
  return values
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}
