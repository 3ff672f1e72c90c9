export { accuracy } from './accuracy.ts'
export { training } from './training.ts'
