/** The little of WebAssembly that is used here; Node's types do not declare it. */
export interface Memory {
  readonly buffer: SharedArrayBuffer
}

export interface Module {
  readonly __module: true
}

interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => Memory
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Instance: new (module: Module, imports: { readonly env: { readonly memory: Memory } }) => { readonly exports: unknown }
}

export const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
