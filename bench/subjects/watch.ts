/** Measures where a step's time goes, from outside: the runtime, ONNX Runtime's session, and its native code. */
import { createRequire } from 'node:module'
import ort from 'onnxruntime-node'
import type { graph } from '../../src/index.ts'

interface Runs {
  run(this: unknown, ...args: unknown[]): unknown
}

export interface Watched {
  readonly runtime: graph.Runtime
  readonly compileTime: number
  reset(): void
  /** Ends a step. */
  mark(): void
  /** Milliseconds of each step since `reset`: inside `Executable.run`, inside `session.run`, inside native code. */
  taken(): Readonly<Record<'runtime' | 'session' | 'native', readonly number[]>>
}

export function watch(runtime: graph.Runtime): Watched {
  const sums = { runtime: 0, session: 0, native: 0 }
  let lists = { runtime: [] as number[], session: [] as number[], native: [] as number[] }
  let compileTime = 0
  wrapRun((ort.InferenceSession as unknown as { prototype: Runs }).prototype, 'session')
  const { binding } = createRequire(import.meta.url)('onnxruntime-node/dist/binding.js') as {
    binding: { InferenceSession: new () => Runs }
  }
  const Native = binding.InferenceSession
  // Methods of native classes cannot be replaced, those of one instance can.
  binding.InferenceSession = class extends Native {
    constructor() {
      super()
      wrapRun(this, 'native')
    }
  }

  function wrapRun(holder: Runs, part: 'session' | 'native'): void {
    const original = holder.run
    const value: Runs['run'] = function (...args) {
      const started = performance.now()
      const add = () => {
        sums[part] += performance.now() - started
      }
      const result = original.apply(this, args)
      if (result instanceof Promise) return result.finally(add)
      add()
      return result
    }
    Object.defineProperty(holder, 'run', { value })
  }

  return {
    runtime: {
      ...runtime,
      async compile(graph, options) {
        const executable = await runtime.compile(graph, options)
        compileTime += executable.compileTime
        return {
          ...executable,
          async run(feeds, into) {
            const started = performance.now()
            const result = await executable.run(feeds, into)
            sums.runtime += performance.now() - started
            return result
          },
        }
      },
    },
    get compileTime() {
      return compileTime
    },
    reset() {
      lists = { runtime: [], session: [], native: [] }
      Object.assign(sums, { runtime: 0, session: 0, native: 0 })
    },
    mark() {
      for (const part of ['runtime', 'session', 'native'] as const) {
        lists[part].push(sums[part])
        sums[part] = 0
      }
    },
    // Where the runtime goes past the library's wrapper, the native code is the session.
    taken: () => (lists.session.some((time) => time > 0) ? lists : { ...lists, session: lists.native }),
  }
}
