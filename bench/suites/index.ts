export { training } from './training.ts'
