/** What features were worth to trees while they grew. */
import type { Ensemble } from '../ensemble.ts'
import { leavesOf, type Tree } from '../tree.ts'

/**
 * By how much each feature's splits decreased impurity, weighted by the rows they split, as shares of the whole; all 0 where no
 * tree splits, or where the trees do not know their impurities (those of a file that tells only of leaves).
 *
 * As scikit-learn's: of forests, the mean of the trees' shares, over trees that split; of trees that build on each other (`scale` 1), the
 * shares of all decreases together, since later trees decrease less.
 */
export function importancesOf({ trees, features, scale }: Ensemble): Float64Array {
  const together = new Float64Array(features.length)
  for (const tree of trees) {
    if (leavesOf(tree) === 1) continue
    const own = decreasesOf(tree, features.length)
    if (scale !== 1) normalize(own)
    own.forEach((worth, feature) => {
      together[feature] = (together[feature] as number) + worth
    })
  }
  return normalize(together)
}

function decreasesOf({ nodes, feature, right, weight, impurity }: Tree, features: number): Float64Array {
  const decreases = new Float64Array(features)
  const badness = (node: number): number => (weight[node] as number) * (impurity[node] as number)
  for (let node = 0; node < nodes; node++) {
    const f = feature[node] as number
    if (f >= 0) decreases[f] = (decreases[f] as number) + badness(node) - badness(node + 1) - badness(right[node] as number)
  }
  return decreases
}

/** In place: shares that add up to 1, or all 0 where there is nothing to share. */
function normalize(worths: Float64Array): Float64Array {
  const sum = worths.reduce((a, b) => a + b, 0)
  return sum > 0 && sum < Number.POSITIVE_INFINITY ? worths.map((worth, k) => (worths[k] = worth / sum)) : worths.fill(0)
}
