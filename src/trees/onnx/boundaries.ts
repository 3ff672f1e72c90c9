/** Sets of categories as thresholds: categories that lie side by side and go one way are told from others by their two ends. */

/**
 * Where the way changes, from what is below all categories (the missing way) to what is above (the missing way again): values up to
 * the first threshold go the missing way, those up to the second the other, and so on. Where all go the missing way, infinity alone.
 */
export function boundariesOf(sets: Uint32Array, set: number, missingLeft: boolean): number[] {
  const words = sets[set] as number
  const thresholds: number[] = []
  let left = missingLeft
  for (let category = 0; category <= words * 32; category++) {
    const goesLeft = category === words * 32 ? missingLeft : hasCategory(sets, set, category)
    if (goesLeft === left) continue
    thresholds.push(justBelow(category))
    left = goesLeft
  }
  return thresholds.length > 0 ? thresholds : [Number.POSITIVE_INFINITY]
}

export function hasCategory(sets: Uint32Array, set: number, category: number): boolean {
  return (((sets[set + 1 + (category >> 5)] as number) >>> (category & 31)) & 1) === 1
}

/** A double that no float32 below the category reaches beyond, and that is below it. */
function justBelow(category: number): number {
  return category === 0 ? -(2 ** -1022) : category * (1 - 2 ** -40)
}
