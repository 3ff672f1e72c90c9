import type { Random } from '../../core/random.ts'

/**
 * A permutation of 0 ... size - 1 that is computed by index, so that a large grid is shuffled without a list of it: a Feistel network of
 * four rounds over the next even power of two, walked on until it falls below size (J. Black, P. Rogaway: Ciphers with arbitrary
 * finite domains, 2002). For size up to 2^52.
 */
export function permutation(size: number, chance: Random): (index: number) => number {
  const half = 2 ** Math.ceil(Math.log2(Math.max(4, size)) / 2)
  const keys = [0, 1, 2, 3].map((round) => chance.fork('round', round).bits())
  const once = (index: number) => {
    let [left, right] = [Math.floor(index / half), index % half]
    for (const key of keys) [left, right] = [right, (left + (mixed(right, key) % half)) % half]
    return left * half + right
  }
  return (index) => {
    let place = once(index)
    while (place >= size) place = once(place)
    return place
  }
}

/** MurmurHash3's last lines. */
function mixed(x: number, key: number): number {
  let h = (x ^ key) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
