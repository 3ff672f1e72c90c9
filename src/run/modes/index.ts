export { single } from './single.ts'
