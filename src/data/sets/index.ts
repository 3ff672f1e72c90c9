export { digits } from './digits.ts'
export { mnist } from './mnist.ts'
