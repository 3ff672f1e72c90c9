export { inline } from './inline.ts'
export { processes } from './processes.ts'
export { type RayOptions, ray } from './ray.ts'
export { threads } from './threads.ts'
