/** The door of trees; the package exports it as `trees`: `trees.randomForestClassifier({ nEstimators: 200 })`. */
export type { Ensemble, Link } from './ensemble.ts'
export * from './forest/index.ts'
export { prune, pruningPath } from './prune/index.ts'
export { depthOf, leavesOf, type Tree } from './tree.ts'
