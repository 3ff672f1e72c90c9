/** Sets of categories as the kernel looks at them: all that a value can be has a bit, so that none is asked about first. */
import type { Tree } from '../tree.ts'

/** Words before the sets of a tree: a set of no use, for nodes that have none. */
export const noSetWords = 2

/** Words that the sets of a tree take. */
export function setWordsOf({ nodes, setAt, sets }: Tree): number {
  let words = 0
  if (setAt && sets)
    for (let node = 0; node < nodes; node++) if ((setAt[node] as number) >= 0) words += 2 + (sets[setAt[node] as number] as number)
  return words
}

/**
 * Puts a node's set at `at`: the number of the last bit, then bits, 1 for left: of what is missing or less than 0, of each
 * category, of what is more than the set can hold. Gives the place after it.
 */
export function putSet({ sets, setAt, missingLeft }: Tree, node: number, into: Uint32Array, at: number): number {
  const from = setAt?.[node] as number
  const count = sets?.[from] as number
  const other = missingLeft[node] as number
  into[at] = 32 * count + 1
  let carried = other
  for (let k = 0; k < count; k++) {
    const word = sets?.[from + 1 + k] as number
    into[at + 1 + k] = (word << 1) | carried
    carried = word >>> 31
  }
  into[at + 1 + count] = (other << 1) | carried
  return at + 2 + count
}
