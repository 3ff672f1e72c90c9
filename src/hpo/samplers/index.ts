export { cmaes } from './cmaes.ts'
export { grid } from './grid.ts'
export { random } from './random.ts'
export { sobol } from './sobol.ts'
