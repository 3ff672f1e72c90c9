/** The pruners that only stop trials, one line each: those that `patient` can hold back. */
export { median } from './median.ts'
export { none } from './none.ts'
export { percentile } from './percentile.ts'
export { successiveHalving } from './successiveHalving.ts'
export { threshold } from './threshold.ts'
