/** Smaller trees out of larger ones: what tighter limits would have grown, and cost-complexity pruning. */
export { type PruningPath, prune, pruningPath, prunings } from './complexity.ts'
export { decreaseOf, type Limits, truncate } from './truncate.ts'
