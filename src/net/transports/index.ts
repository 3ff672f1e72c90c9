export { memory } from './memory.ts'
export { tcp } from './tcp.ts'
export { unix } from './unix.ts'
