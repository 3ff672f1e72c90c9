/** The little of WebAssembly that is used here; Node's types do not declare it. */
export interface Memory<B extends ArrayBufferLike = ArrayBuffer> {
  readonly buffer: B
  grow(pages: number): number
}

export type SharedMemory = Memory<SharedArrayBuffer>

export interface Module {
  readonly __module: true
}

interface WebAssemblyApi {
  readonly Memory: {
    new (size: { initial: number; maximum: number; shared: true }): SharedMemory
    new (size: { initial: number }): Memory
  }
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Instance: new (
    module: Module,
    imports?: { readonly env: { readonly memory: Memory<ArrayBufferLike> } },
  ) => { readonly exports: unknown }
}

export const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
