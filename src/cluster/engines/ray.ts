import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Clock, realClock } from '../../core/clock.ts'
import { fail } from '../../core/errors.ts'
import { wayInto } from '../../core/folders.ts'
import type { Json } from '../../core/json.ts'
import type { Transport } from '../../net/index.ts'
import type { ClusterEngine, Ground, WorkerSpec } from '../engine.ts'
import { type Shipment, shipmentOf } from '../ship/index.ts'
import { rayClient } from './ray/client.ts'
import { type Crew, createCrew } from './ray/crew.ts'
import { listeningFor } from './ray/listening.ts'
import { type Manager, startManager } from './ray/manager.ts'
import { type FromManager, type RayNode, readHello } from './ray/messages.ts'
import { leastNode, type RayOptions, raySettings } from './ray/options.ts'
import { packageOf, pythonFiles } from './ray/python.ts'
import { describe, fitting, largest, type Need, shortage } from './ray/shortage.ts'

export type { RayOptions } from './ray/options.ts'

/**
 * Workers on the nodes of a Ray cluster (P. Moritz et al.: Ray, 2018). Ray only gives places: one job, the manager, makes an actor for each
 * worker, which runs Node; workers call this driver as they do under every other engine, and nothing passes through Ray.
 *
 * The training file with all that it imports, tutti itself and the packages they need are uploaded once for each content. A worker
 * that is lost is started again, on another node where its own is gone; workers of a driver that is gone stop.
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION, RAY_TOKEN_FILE; on opening RAY_UNREACHABLE, RAY_NOT_RAY, RAY_TOKEN, RAY_VERSION, SHIP_IMPORT and
 * what else cannot travel; later RAY_JOB, RAY_DRIVER_UNREACHABLE, RAY_REFUSED, RAY_SHORT
 * @example `ray({ address: 'http://head:8265', cpusPerWorker: 2 })`
 */
export function ray(options: RayOptions = {}): ClusterEngine {
  const settings = raySettings(options)
  const { address, patience, platform } = settings
  const client = rayClient(address, settings.token)
  const need: Need = {
    CPU: settings.cpusPerWorker,
    ...(settings.memoryPerWorker !== undefined && { memory: settings.memoryPerWorker }),
    ...settings.resources,
  }
  let nodes: readonly RayNode[] = []
  /** Whether Ray may add nodes by itself. */
  let scales = false
  let manager: Manager | undefined
  let crew: Crew | undefined
  let watch: { stop(): void } | undefined
  let clock: Clock = realClock
  let closed = false

  const hear = (message: FromManager) => {
    if (message.kind === 'gone') crew?.gone(message)
    else ({ nodes, scales } = message)
  }
  /** Says after a limit that nothing comes of waiting. */
  const lookAfter = ({ clock, fail: give }: Ground) => {
    let since = clock.elapsed()
    let greeted = since
    return clock.every(second, () => {
      const now = clock.elapsed()
      if (now - greeted >= greetEvery) {
        greeted = now
        manager?.send({ kind: 'ping' })
        crew?.greet()
      }
      if (!crew || crew.waiting === 0 || crew.placed > 0 || manager?.trouble !== undefined) {
        since = now
        return
      }
      const never = !scales && fitting(nodes, need, 'total') === 0
      const limit = never ? Math.min(neverFor, patience) : patience
      if (now - since < limit * second) return
      const why = never
        ? `the largest has ${largest(nodes, need)}`
        : `none had that free for ${limit} s (${shortage(nodes, need, 1) ?? 'workers do not start'})`
      give(fail('RAY_SHORT', address, describe(need), nodes.length, why))
    })
  }

  return {
    name: 'ray',
    summary: 'on the nodes of a Ray cluster',
    parallel: true,
    async transport(): Promise<Transport> {
      const { local } = await client.version()
      return listeningFor(settings, local)
    },
    async open(ground) {
      const { assets, say } = ground
      clock = ground.clock
      const shipment = await shipmentOf({ files: assets.modules, platform, extra: pythonFiles() })
      if (closed) return
      const place = (path: string) => placeIn(shipment, path)
      const entry = place(join(root, `cluster/worker/process.${ending}`))
      crew = createCrew({
        clock,
        platform,
        order: (spec) => ({
          ...{ node: settings.node, least: leastNode, entry, program: programIn(shipment, spec.program) },
          spec: orders(spec, shipment, assets.data),
        }),
        ask: (host) =>
          manager?.send({
            kind: 'host',
            host,
            cpus: settings.cpusPerWorker,
            memory: settings.memoryPerWorker ?? null,
            resources: settings.resources,
          }),
        drop: (host) => manager?.send({ kind: 'drop', host }),
      })
      const upload = async () => {
        for (const parcel of [shipment.code, shipment.modules]) {
          await client.upload(packageOf(parcel.hash), () => {
            say(`Uploading ${parcel.files} files to Ray`)
            return parcel.zip()
          })
        }
      }
      manager = startManager({
        ...{ client, clock, python: settings.python, address: ground.address, token: ground.token, upload },
        environment: {
          working_dir: `gcs://${packageOf(shipment.code.hash)}`,
          py_modules: [`gcs://${packageOf(shipment.modules.hash)}`],
        },
        onMessage: hear,
        onReady: () => crew?.askAgain(),
        onFailure(error) {
          crew?.refuse(error.message)
          ground.fail(error)
        },
      })
      // Not waited for: who leaves meanwhile need not, and what goes wrong is told by then.
      watch = lookAfter(ground)
    },
    receive(connection, said) {
      const hello = readHello(said)
      if (!hello) return false
      if (hello.part === 'manager') manager?.arrive(connection)
      else crew?.arrive(connection, hello)
      return true
    },
    launch(spec) {
      if (!crew) throw fail('INTERNAL', 'the engine ray was asked for a worker before it was opened')
      return crew.launch(spec)
    },
    get waiting() {
      if (manager?.trouble !== undefined) return `for Ray: ${manager.trouble}`
      // What is being started has its processors already: to others they are short.
      if (!crew || crew.waiting === 0 || clock.elapsed() < crew.moved + startTime) return undefined
      const short = shortage(nodes, need, crew.waiting)
      return short === undefined ? undefined : `for Ray: ${short}`
    },
    get room() {
      return (crew?.placed ?? 0) + fitting(nodes, need, 'free')
    },
    async close() {
      closed = true
      watch?.stop()
      crew?.close()
      await manager?.close()
    },
  }
}

/** Milliseconds, and seconds that what fits on no node is waited for. */
const second = 1000
const greetEvery = 5000
const neverFor = 30
/** Milliseconds that a host and Node take to start. */
const startTime = 5000

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
/** The folder that this package's modules lie in: 'src' or 'dist'. */
const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '')

/** Where a file lies in the code that was shipped. */
function placeIn(shipment: Shipment, path: string): string {
  const place = shipped(shipment, path)
  if (place === undefined) throw fail('INTERNAL', `${path} was not shipped`)
  return place
}

/** What was not shipped is as it is: the worker says what is wrong with it. */
function programIn(shipment: Shipment, program: URL): string {
  return (program.protocol === 'file:' ? shipped(shipment, fileURLToPath(program)) : undefined) ?? program.href
}

function shipped({ places }: Shipment, path: string): string | undefined {
  for (const [from, to] of places) {
    const way = wayInto(from, path)
    if (way !== undefined) return [to, ...way.split(sep)].filter(Boolean).join('/')
  }
  return undefined
}

function orders(spec: WorkerSpec, { places }: Shipment, roots: readonly string[]): Json {
  const { rank, generation, address, token, options } = spec
  return {
    ...{ rank, generation, address, token, options },
    places: { cwd: process.cwd(), copies: places.map(([from, to]) => [from, to]), roots: [...roots] },
  }
}
