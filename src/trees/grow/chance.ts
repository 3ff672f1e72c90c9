/**
 * Chance by place, not by the order of calls: a node's draws are a function of its tree's seed and of its path from the root. So a
 * tree cut off at a depth is the tree that was grown to that depth, and trees may be grown in any order, on any thread.
 *
 * A node's key is two 32-bit words, mixed from its parent's and its side; its i-th draw hashes the key with i. The mixer is
 * the finalizer of MurmurHash3 (A. Appleby), a bijection of good avalanche.
 */

export function mix(x: number): number {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Second word of a child's key; the first is made of it. `side` is 1 for the left child, 2 for the right one. */
export function childLow(high: number, low: number, side: 1 | 2): number {
  return mix((low + Math.imul(side, 0x9e3779b1)) ^ high)
}

export function childHigh(high: number, low: number, side: 1 | 2): number {
  return mix((high ^ Math.imul(side, 0x7f4a7c15)) + Math.imul(low, 0x2c1b3c6d))
}

/** 32 bits: draw number `i` of a key. */
export function drawAt(high: number, low: number, i: number): number {
  return mix(mix(low + Math.imul(i + 1, 0x9e3779b1)) ^ high) >>> 0
}

/** A whole number in [0, n), from 32 bits; its bias is below n / 2^32. */
export function below(n: number, bits: number): number {
  return Math.floor((bits * n) / 4294967296)
}
