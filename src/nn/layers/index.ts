/** The layers, one line each. */
export { activation, logSoftmax, relu, sigmoid, softmax, softplus, tanh } from './activations.ts'
export { dense } from './dense.ts'
export { dropout } from './dropout.ts'
export { flatten } from './flatten.ts'
export { sequential } from './sequential.ts'
