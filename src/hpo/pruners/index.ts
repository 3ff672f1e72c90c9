export { none } from './none.ts'
