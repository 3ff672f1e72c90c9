export { accuracy } from './accuracy.ts'
export { studies } from './studies.ts'
export { training } from './training.ts'
export { trees } from './trees.ts'
