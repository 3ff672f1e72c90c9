/** The splitters, one line each. */
export { groupKFold } from './groupKFold.ts'
export { kFold } from './kFold.ts'
export { repeatedKFold } from './repeatedKFold.ts'
export { repeatedStratifiedKFold } from './repeatedStratifiedKFold.ts'
export { stratifiedKFold } from './stratifiedKFold.ts'
export { timeSeriesSplit } from './timeSeriesSplit.ts'
