/** The door of trees; the package exports it as `trees`: `trees.randomForestClassifier({ nEstimators: 200 })`. */
export * from './boosting/index.ts'
export type { Ensemble, Link } from './ensemble.ts'
export * from './forest/index.ts'
export { fromJson, fromOnnx } from './kept.ts'
export * from './plots/index.ts'
export type { TreePredictor } from './predict/index.ts'
export { type PruningPath, prune, pruningPath } from './prune/index.ts'
export { depthOf, leavesOf, type Tree } from './tree.ts'
