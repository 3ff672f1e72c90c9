/** An engine whose workers are played by the test, through the memory transport and under a virtual clock. */

import { helloOf } from '../../src/cluster/hello.ts'
import {
  type Cluster,
  type ClusterEngine,
  type ClusterOptions,
  createCluster,
  type Worker,
  type WorkerSpec,
} from '../../src/cluster/index.ts'
import { virtualClock } from '../../src/core/clock.ts'
import { type Connection, dial, memory } from '../../src/net/index.ts'

export interface Actor {
  readonly spec: WorkerSpec
  readonly log: string[]
  /** Calls the driver, as itself or as another. */
  dial(hello?: { rank: number; generation: number }): Promise<Connection>
  exit(reason: string): void
  write(text: string): void
  live(): void
}

export async function stage(options: Partial<ClusterOptions> & { readonly signs?: boolean } = {}) {
  const clock = virtualClock()
  const actors: Actor[] = []
  const workers: Worker[] = []
  const heard: unknown[] = []
  const givenUp: [number, string][] = []
  const engine: ClusterEngine = {
    name: 'stage',
    summary: 'played by the test',
    parallel: false,
    launch(spec) {
      const exit = Promise.withResolvers<string>()
      const callbacks = { output: (_: string) => {}, life: () => {} }
      const actor: Actor = {
        spec,
        log: [],
        dial: (hello = spec) => dial(spec.address, { token: spec.token, hello: helloOf(hello) }),
        exit: exit.resolve,
        write: (text) => callbacks.output(text),
        live: () => callbacks.life(),
      }
      actors.push(actor)
      return {
        title: `actor ${actors.length}`,
        exit: exit.promise,
        stop: () => void actor.log.push('stop'),
        kill() {
          actor.log.push('kill')
          exit.resolve('killed')
        },
        memory: () => 1,
        onOutput: (callback) => (callbacks.output = callback),
        ...(options.signs && { onLife: (callback: () => void) => (callbacks.life = callback) }),
      }
    },
  }
  const cluster: Cluster = await createCluster({
    workers: 1,
    program: new URL('file:///nobody.ts'),
    options: null,
    transport: memory({ breath: 0 }),
    onWorker(worker) {
      workers.push(worker)
      worker.connection.onMessage(({ body }) => heard.push(body))
    },
    onGiveUp: (rank, reason) => givenUp.push([rank, reason]),
    ...options,
    engine,
    clock,
  })
  /** The latest to be launched. */
  const latest = () => actors.at(-1) as Actor
  return { clock, cluster, actors, workers, heard, givenUp, latest }
}
