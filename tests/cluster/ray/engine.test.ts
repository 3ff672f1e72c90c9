/** The engine 'ray' with a Ray that is played: its REST interface, the manager and the hosts, over the network that they would use. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { WorkerSpec } from '../../../src/cluster/engine.ts'
import { engines } from '../../../src/cluster/index.ts'
import { company } from '../../../src/cluster/testing/company.ts'
import obedient from '../../../src/cluster/testing/obedient.ts'
import { realClock } from '../../../src/core/clock.ts'
import type { Json } from '../../../src/core/json.ts'
import { type Connection, dial } from '../../../src/net/index.ts'
import { type Fake, fakeRay } from './fake.ts'

const root = join(import.meta.dirname, '../../..')
type Said = { readonly [key: string]: Json | undefined }

interface Played extends AsyncDisposable {
  readonly ray: Fake
  /** What manager and hosts were told. */
  readonly told: Said[]
  readonly ordered: Said[]
  dial(hello: Json): Promise<Connection>
  manager: Connection | undefined
}

/** A cluster of so many nodes; what of their processors is free. */
async function played({ places = 8, cpus = 1, free = cpus }: { places?: number; cpus?: number; free?: number } = {}): Promise<Played> {
  let at: { address: string; token: string } | undefined
  const connections: Connection[] = []
  const one: Played = {
    ray: await fakeRay({
      async job(orders) {
        if (!at) {
          at = orders
          await manage()
        }
        return { status: connections.length > 0 && one.manager === undefined ? 'SUCCEEDED' : 'RUNNING' }
      },
    }),
    told: [],
    ordered: [],
    manager: undefined,
    async dial(hello) {
      const connection = await dial(at?.address as string, { token: at?.token as string, hello })
      connections.push(connection)
      return connection
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close('the test is over')
      await one.ray[Symbol.asyncDispose]()
    },
  }
  let taken = 0
  const manage = async () => {
    const manager = await one.dial({ role: 'ray', part: 'manager' })
    one.manager = manager
    const nodes = () =>
      Array.from({ length: places }, (_, node) => ({
        address: `10.0.0.${node + 2}`,
        total: { CPU: cpus },
        free: { CPU: node < taken ? 0 : free },
      }))
    manager.send({ kind: 'nodes', nodes: nodes() })
    manager.onMessage(async ({ body }) => {
      const order = body as Said
      one.told.push(order)
      if (order.kind === 'bye') one.manager = undefined
      if (order.kind !== 'host' || free === 0 || taken >= places) return
      await host(order.host as number, `10.0.0.${++taken + 1}`)
      manager.send({ kind: 'nodes', nodes: nodes() })
    })
  }
  /** Runs the program that every test of engines runs, in this process. */
  const host = async (number: number, node: string) => {
    const connection = await one.dial({ role: 'ray', part: 'host', host: number, node, pid: 7, platform: 'linux-x64' })
    let worker: Connection | undefined
    connection.onMessage(async ({ body }) => {
      const order = body as Said
      one.told.push(order)
      if (order.kind === 'signal') worker?.close('it was killed')
      if (order.kind !== 'begin') return
      one.ordered.push(order)
      const { rank, generation, options, address, token } = order.spec as unknown as WorkerSpec
      connection.send({ kind: 'begun', pid: 4711 })
      worker = await dial(address, { token, hello: { role: 'worker', rank, generation } })
      const gone = new AbortController()
      const about = { rank, generation, options, clock: realClock, place: async (path: string) => path, signal: gone.signal }
      await obedient(worker, about).catch(() => undefined)
      worker.close('the worker program has ended')
      connection.send({ kind: 'ended', reason: 'exit code 0' })
    })
  }
  return one
}

const engineOf = (ray: Fake, patience = 600) => engines.ray({ address: ray.address, patience })

suite('a Ray that is played', { concurrency: 3 }, () => {
  test('workers come, answer, and are replaced on their hosts; at the end everybody is told goodbye', async () => {
    await using stage = await played()
    const group = await company(engineOf(stage.ray), { workers: 2, options: { failing: [Number.NaN, -1] } })
    const [one, two] = [await group.worker(0), await group.worker(1)]
    assert.deepEqual(await group.tell(two, { do: 'answer' }), { rank: 1, generation: 0, options: { failing: [Number.NaN, -1] } })
    assert.match(one.title, /^worker 0 \(process 4711 on 10\.0\.0\.\d\)$/)
    one.kill('it is too slow')
    assert.equal(await one.lost, 'it is too slow')
    const next = await group.worker(0, 1)
    assert.equal(next.node, one.node)
    assert.deepEqual(
      stage.told.filter(({ kind }) => kind === 'host').map(({ cpus }) => cpus),
      [1, 1],
    )
    const [order] = stage.ordered as [{ entry: string; program: string; node: string; spec: { places: { cwd: string } } }]
    assert.deepEqual([order.node, order.spec.places.cwd], ['node', process.cwd()])
    for (const path of [order.entry, order.program]) assert.ok(existsSync(join(root, path.replace(/^tutti\//, ''))), path)
    await group[Symbol.asyncDispose]()
    assert.equal(stage.told.filter(({ kind }) => kind === 'bye').length, 3)
    assert.deepEqual(stage.ray.calls.filter((call) => call.startsWith('PUT')).length, 2, 'code and packages')
  })

  test('who is neither manager, host nor worker is turned away, and a host that nobody asked for', async () => {
    await using stage = await played()
    await using group = await company(engineOf(stage.ray))
    await group.worker(0)
    const host = { role: 'ray', part: 'host', node: '10.0.0.2', pid: 1, platform: 'linux-x64' }
    for (const [hello, reason] of [
      [null, /only workers/],
      [{ role: 'ray', part: 'chef' }, /only workers/],
      [{ ...host, host: -1 }, /only workers/],
      [{ ...host, host: 1.5 }, /only workers/],
      [{ ...host, host: 0, node: 7 }, /only workers/],
      [{ ...host, host: 0 }, /not needed/],
      [{ ...host, host: 99 }, /not needed/],
      [{ role: 'ray', part: 'manager' }, /already/],
      [{ role: 'worker', rank: 0, generation: 0 }, /not expected/],
    ] as const) {
      const connection = await stage.dial(hello as Json)
      assert.match(await connection.closed, reason, JSON.stringify(hello))
    }
    assert.equal((await group.tell(await group.worker(0), { do: 'answer' })).generation, 0)
  })

  test('a manager that is lost is replaced while its workers work on', async () => {
    await using stage = await played()
    await using group = await company(engineOf(stage.ray))
    const worker = await group.worker(0)
    stage.manager?.close('its node was lost')
    const jobs = () => stage.ray.calls.filter((call) => call === 'POST /api/jobs/').length
    while (jobs() < 2) await realClock.sleep(50)
    assert.equal((await group.tell(worker, { do: 'answer' })).generation, 0)
    assert.match(group.cluster.waiting ?? '', /for Ray: its job ended \(its node was lost\)/)
  })

  test('what no node could ever hold is refused, with what there is', async () => {
    await using stage = await played({ places: 3, cpus: 0 })
    const failed = Promise.withResolvers<Error>()
    await using _ = await company(engineOf(stage.ray, 1), { onFailure: failed.resolve })
    assert.match((await failed.promise).message, /A worker needs 1 CPU, and of the 3 nodes .* the largest has 0 CPUs\. Ask for less/)
  })

  test('what is taken by others is waited for, and then refused with what is short', async () => {
    await using stage = await played({ places: 1, cpus: 4, free: 0 })
    const failed = Promise.withResolvers<Error>()
    await using _ = await company(engineOf(stage.ray, 1), { onFailure: failed.resolve })
    assert.match((await failed.promise).message, /none had that free for 1 s \(1 CPU short\)/)
  })

  test('a driver that the head cannot reach is told so at once', async () => {
    const logs = '{"tutti": {"failed": "Unreachable", "message": "Nobody could be reached at tcp:192.0.2.1:7"}}\n'
    await using ray = await fakeRay({ job: () => ({ status: 'FAILED', message: 'failed', logs }) })
    const failed = Promise.withResolvers<Error>()
    await using _ = await company(engines.ray({ address: ray.address }), { onFailure: failed.resolve })
    assert.match((await failed.promise).message, /Ray's head cannot reach this machine .* Nobody could be reached/)
  })
})
