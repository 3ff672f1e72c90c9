/** The pruners, one line each; those that only stop are listed in `stopping.ts`. */
export { asha } from './asha.ts'
export { hyperband } from './hyperband.ts'
export { patient } from './patient.ts'
export { pbt } from './pbt.ts'
export * from './stopping.ts'
