/** The losses, one line each. */
export { binaryCrossEntropy } from './binaryCrossEntropy.ts'
export { crossEntropy } from './crossEntropy.ts'
export { hinge } from './hinge.ts'
export { huber } from './huber.ts'
export { meanAbsoluteError } from './meanAbsoluteError.ts'
export { meanSquaredError } from './meanSquaredError.ts'
