/** The runtimes, one line each. */
export { nothing as null } from './null.ts'
export { onnxruntime } from './onnxruntime.ts'
export { reference } from './reference.ts'
