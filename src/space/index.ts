/** The door of search spaces: what may be chosen. How it is chosen is the room `hpo`. */
export type { Assignment, Condition, Dimension, DimensionData, DimensionKind, Kind, Value } from './dimension.ts'
export * as dimensions from './dimensions.ts'
export { describe, kindOf } from './kinds.ts'
export { normalCdf, normalQuantile } from './normal.ts'
export { type Dimensions, type SearchSpace, type SpaceOptions, searchSpace } from './space.ts'
