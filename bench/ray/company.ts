/** Workers that do nothing on a Ray cluster: how long they take to come, and to go. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { RunningCluster } from '../../scripts/cluster/index.ts'
import { type ClusterEngine, createCluster, engines } from '../../src/cluster/index.ts'
import { realClock } from '../../src/core/clock.ts'
import { build } from '../../src/core/registry.ts'
import { engineOf } from './part.ts'
import { type Watch, watchOver } from './watch.ts'

const program = join(import.meta.dirname, 'waiting.ts')

export interface Stay {
  /** Seconds from the first call to Ray until so many workers had called back and were let in. */
  readonly ready: number
  /** Seconds from the order to stop until no process of it was left. */
  readonly gone: number
  /** What was waited for last. */
  readonly last: string
}

/** They come, and they go. */
export async function stay(cluster: RunningCluster, workers: number): Promise<Stay> {
  const watch: Watch = watchOver(cluster)
  const all = Promise.withResolvers<void>()
  const came = new Set<number>()
  const began = performance.now()
  const company = await createCluster({
    engine: build<ClusterEngine>('engine', engines, engineOf(cluster)),
    ...{ workers, program: pathToFileURL(program), options: null, clock: realClock },
    assets: { modules: [program], data: [] },
    onWorker({ rank }) {
      came.add(rank)
      if (came.size === workers) all.resolve()
    },
    onGone: (reason) => all.reject(new Error(`the workers are gone: ${reason}`)),
    onFailure: all.reject,
  })
  try {
    await all.promise
  } catch (error) {
    await company[Symbol.asyncDispose]()
    throw error
  }
  const ready = (performance.now() - began) / 1000
  // What has just started is still at it.
  await sleep(500)
  const asked = performance.now()
  const closed = company[Symbol.asyncDispose]()
  const { at, last } = await watch.untilGone()
  await closed
  return { ready, gone: (at - asked) / 1000, last }
}
