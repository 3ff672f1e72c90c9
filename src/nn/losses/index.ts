/** The losses, one line each. */
export { crossEntropy } from './crossEntropy.ts'
export { meanSquaredError } from './meanSquaredError.ts'
