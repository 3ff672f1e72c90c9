export { inline } from './inline.ts'
export { processes } from './processes.ts'
export { threads } from './threads.ts'
