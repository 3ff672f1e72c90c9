/** The optimizers, one line each. */
export { adagrad } from './adagrad.ts'
export { adam } from './adam.ts'
export { adamW } from './adamW.ts'
export { lion } from './lion.ts'
export { momentum } from './momentum.ts'
export { nesterov } from './nesterov.ts'
export { rmsprop } from './rmsprop.ts'
export { sgd } from './sgd.ts'
