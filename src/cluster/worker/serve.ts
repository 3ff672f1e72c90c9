/** What every worker does, wherever it lives: load its program, dial the driver, serve. */
import type { Clock } from '../../core/clock.ts'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import { type Connection, dial } from '../../net/index.ts'
import type { WorkerProgram, WorkerSpec } from '../engine.ts'
import { helloOf } from '../hello.ts'
import { placeOf } from './place.ts'

export interface ServeOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Rejects when something fails outside of the program's own promise. */
  readonly failure: Promise<never>
  /** To be awaited before it dials. */
  readonly ready?: Promise<unknown>
  /** In place of the module that the spec names. */
  readonly program?: WorkerProgram
}

/** Resolves when the program is done, and rejects when it failed; the driver was told, and the connection is closed. */
export async function serve(spec: WorkerSpec, { clock, signal, failure, ready, program }: ServeOptions): Promise<void> {
  let connection: Connection | undefined
  await using files = placeOf(spec, clock)
  const going = new AbortController()
  const work = async () => {
    // The program is loaded first: whoever dials is ready.
    const run = program ?? (await load(spec.program))
    await ready
    if (signal.aborted) return
    const dialled = await dial(spec.address, { token: spec.token, hello: helloOf(spec) })
    if (signal.aborted) return dialled.close('the worker was ended before it began')
    connection = dialled
    void connection.closed.then(() => going.abort(new Error('the driver is gone')))
    const { rank, generation, options } = spec
    await run(connection, { rank, generation, options, clock, place: files.place, signal: AbortSignal.any([signal, going.signal]) })
  }
  try {
    await Promise.race([work(), failure])
    connection?.close('the worker program has ended')
  } catch (error) {
    // Who stops because it was asked to has not failed.
    const asked = [signal, going.signal].some(({ aborted, reason }) => aborted && error === reason)
    if (asked) return connection?.close('the worker program has ended')
    connection?.close(`the worker program failed: ${messageOf(error)}`)
    throw error
  } finally {
    await connection?.closed
  }
}

/** @throws CLUSTER_PROGRAM, and whatever the module throws */
async function load(url: URL): Promise<WorkerProgram> {
  const module: { default?: unknown } = await import(url.href).catch((error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw failBecause(error, 'CLUSTER_PROGRAM', url.href, messageOf(error))
  })
  if (typeof module.default !== 'function') throw fail('CLUSTER_PROGRAM', url.href, 'it has no default export that is a function')
  return module.default as WorkerProgram
}
