import { type Module, webAssembly } from '../../webAssembly.ts'
import { wasm } from './kernel.generated.ts'

let compiled: Module | undefined

/** The module of the kernels, compiled once a process; threads are handed it. */
export function kernelModule(): Module {
  return (compiled ??= new webAssembly.Module(Buffer.from(wasm, 'base64')))
}
