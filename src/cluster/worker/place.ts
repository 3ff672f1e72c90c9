/** Where files of the driver's machine lie on the worker's. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { wayInto } from '../../core/folders.ts'
import { dial } from '../../net/index.ts'
import type { WorkerHost, WorkerSpec } from '../engine.ts'
import { placing } from '../files/index.ts'
import { filesHelloOf } from '../hello.ts'

/** What was shipped with the code is there; anything else is looked for at the same path, or fetched. */
export function placeOf(spec: WorkerSpec, clock: Clock): { readonly place: WorkerHost['place'] } & AsyncDisposable {
  const { places, address, token } = spec
  if (!places) return { place: async (path) => path, async [Symbol.asyncDispose]() {} }
  const { cwd, copies, roots, cache } = places
  const files = placing({
    ...{ cache, roots, clock },
    dial: () => dial(address, { token, hello: filesHelloOf(spec) }),
    say: (text) => void process.stderr.write(`${text}\n`),
  })
  return {
    async place(path) {
      const there = resolve(cwd, path)
      for (const [from, to] of copies) {
        const way = wayInto(from, there)
        if (way !== undefined && existsSync(join(to, way))) return join(to, way)
      }
      return await files.place(there)
    },
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  }
}
