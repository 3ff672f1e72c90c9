/** Sobol's sequence, scrambled. */
import type { Random } from '../../core/random.ts'
import { beginnings } from './directions.ts'

/** How many dimensions there are numbers for. */
export const mostDimensions = beginnings.length + 1

/**
 * A function that gives point `index` (0, 1, ... below 2^32) of Sobol's sequence on [0, 1)^n, by its index alone: no point
 * depends on those before. Each bit of a coordinate is flipped or not by a hash of the seed and the bits above it (Owen's nested
 * scrambling), so each point is uniform by itself, and every 2^k points of each dimension from a multiple of 2^k on still lie one
 * in each of 2^k equal intervals.
 *
 * I. M. Sobol (1967); A. B. Owen: Randomly permuted (t, m, s)-nets and (t, s)-sequences (1995).
 */
export function sobolSequence(dimensions: number, chance: Random): (index: number) => Float64Array {
  const directions = Array.from({ length: dimensions }, (_, j) => directionsOf(j))
  const seeds = Array.from({ length: dimensions }, (_, j) => chance.fork('dimension', j).bits())
  return (index) => Float64Array.from(directions, (v, j) => scrambled(plain(index, v), seeds[j] as number) / 2 ** 32)
}

/** The same without scrambling: what papers print, in another order within each 2^k points, for they count in Gray code. */
export function plainSobol(dimension: number): (index: number) => number {
  const directions = directionsOf(dimension)
  return (index) => plain(index, directions) / 2 ** 32
}

const bits = 32

/** The direction numbers v_1 ... v_32 as 32-bit fractions: m_k = 2 a_1 m_(k-1) + ... + 2^s m_(k-s) + m_(k-s), sums without carry. */
function directionsOf(dimension: number): Uint32Array {
  const v = new Uint32Array(bits)
  const begin = beginnings[dimension - 1]
  if (dimension === 0 || begin === undefined) return v.map((_, k) => 2 ** (bits - 1 - k))
  const { coefficients, m } = begin
  const s = m.length
  for (let k = 0; k < bits; k++) {
    if (k < s) v[k] = (m[k] as number) << (bits - 1 - k)
    else {
      const last = v[k - s] as number
      let next = last ^ (last >>> s)
      for (let i = 1; i < s; i++) if ((coefficients >>> (s - 1 - i)) & 1) next ^= v[k - i] as number
      v[k] = next
    }
  }
  return v
}

function plain(index: number, directions: Uint32Array): number {
  let x = 0
  for (let k = 0, rest = index >>> 0; rest !== 0; k++, rest >>>= 1) if (rest & 1) x ^= directions[k] as number
  return x >>> 0
}

function scrambled(x: number, seed: number): number {
  let flips = 0
  for (let k = 0; k < bits; k++) {
    const above = k === 0 ? 0 : x >>> (bits - k)
    flips = (flips << 1) | (hash(seed, k, above) & 1)
  }
  return (x ^ flips) >>> 0
}

/** Mixes three numbers; the last lines are MurmurHash3's. Apart from this no chance is needed: the seed is drawn. */
function hash(seed: number, place: number, above: number): number {
  let h = seed ^ Math.imul(place + 1, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ above
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
