export { memory } from './memory.ts'
export { tcp } from './tcp.ts'
export { tls } from './tls.ts'
export { unix } from './unix.ts'
