/** The schedules of the learning rate, one line each. */
export { constant } from './constant.ts'
export { cosine } from './cosine.ts'
export { exponential } from './exponential.ts'
export { linear } from './linear.ts'
export { oneCycle } from './oneCycle.ts'
export { piecewise } from './piecewise.ts'
export { step } from './step.ts'
export { warmUp } from './warmUp.ts'
