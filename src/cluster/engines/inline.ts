import { type Clock, realClock } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { ClusterEngine, WorkerProgram } from '../engine.ts'
import { serve } from '../worker/serve.ts'

export interface InlineOptions {
  /** Handed to the program; default the machine's. A virtual one makes a simulation. */
  readonly clock?: Clock
  /** The program itself, in place of a module: for simulations. */
  readonly program?: WorkerProgram
}

/**
 * Workers in the driver's own thread: nothing to start, nothing in parallel. A worker that is killed is cut off, but what its
 * program has begun goes on until it next waits for the connection.
 */
export function inline(options: InlineOptions = {}): ClusterEngine {
  checkOptions('the engine inline', options, ['clock', 'program'])
  const { clock = realClock, program } = options
  return {
    name: 'inline',
    summary: "in the driver's own thread, one at a time",
    parallel: false,
    launch(spec) {
      const going = new AbortController()
      const failure = Promise.withResolvers<never>()
      const exit = serve(spec, { clock, program, signal: going.signal, failure: failure.promise }).then(
        () => 'it has ended',
        (error) => messageOf(error),
      )
      return {
        title: 'inline',
        exit,
        stop: () => going.abort(new Error('the worker was asked to go')),
        kill() {
          going.abort(new Error('the worker was ended'))
          failure.reject(new Error('it was ended'))
        },
        memory: () => undefined,
      }
    },
  }
}
