/** The one job on Ray, with a Ray that is played. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { RayClient, RayJob, RayJobStatus } from '../../../src/cluster/engines/ray/client.ts'
import { type Manager, startManager } from '../../../src/cluster/engines/ray/manager.ts'
import type { FromManager } from '../../../src/cluster/engines/ray/messages.ts'
import { type VirtualClock, virtualClock } from '../../../src/core/clock.ts'
import { fail } from '../../../src/core/errors.ts'
import { breath, played } from './played.ts'

interface Ray {
  readonly manager: Manager
  readonly clock: VirtualClock
  readonly jobs: (RayJob & { status: RayJobStatus['status']; stopped?: boolean })[]
  readonly heard: FromManager[]
  readonly failures: Error[]
  readonly counts: { uploads: number; ready: number }
  /** What every call comes to from now on. */
  trouble: Error | 'silence' | undefined
  log: string
  /** When one has called for the first time; what it failed with, where that came first. */
  readonly ready: Promise<void>
  /** Its manager calls. */
  call(): ReturnType<typeof played>
}

function ray(trouble?: Error): Ray {
  const clock = virtualClock()
  const jobs: Ray['jobs'] = []
  const answer = async <T>(value: () => T): Promise<T> => {
    if (stage.trouble === 'silence') await new Promise(() => {})
    if (stage.trouble instanceof Error) throw stage.trouble
    return value()
  }
  const find = (id: string) => jobs.find(({ submission_id }) => submission_id === id) as Ray['jobs'][number]
  const client: RayClient = {
    address: 'http://head:8265',
    version: () => answer(() => ({ version: '2.60.0', local: '10.0.0.1' })),
    upload: () => answer(() => true),
    submit: (job) => answer(() => void jobs.push({ ...job, status: 'RUNNING' })),
    status: (id) => answer(() => ({ status: find(id).status, message: 'Job entrypoint command failed\nwith more' })),
    logs: () => answer(() => stage.log),
    stop: (id) => answer(() => void Object.assign(find(id), { stopped: true, status: 'STOPPED' })),
  }
  const counts = { uploads: 0, ready: 0 }
  const [heard, failures]: [FromManager[], Error[]] = [[], []]
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)
  const stage: Ray = {
    ...{ clock, jobs, heard, failures, counts, trouble, log: '', ready: ready.promise },
    call() {
      const one = played()
      stage.manager.arrive(one.connection)
      return one
    },
    manager: undefined as never,
  }
  const manager = startManager({
    ...{
      client,
      clock,
      python: "/opt/my python's",
      address: 'tcp:10.0.0.1:4711',
      token: 'secret',
      environment: { working_dir: 'gcs://x.zip' },
    },
    upload: () => answer(() => void counts.uploads++),
    onMessage: (message) => heard.push(message),
    onReady() {
      counts.ready++
      ready.resolve()
    },
    onFailure(error) {
      failures.push(error)
      ready.reject(error)
    },
  })
  return Object.assign(stage, { manager })
}

suite('the job on Ray', () => {
  test('it is submitted once, says what the nodes have, and ends when it is told goodbye', async () => {
    const stage = ray()
    const { manager, clock, jobs, heard, counts } = stage
    assert.match(manager.trouble ?? '', /being started/)
    await clock.advance(1000)
    const [job] = jobs
    assert.equal(jobs.length, 1)
    assert.equal(job?.entrypoint, `exec '/opt/my python'\\''s' -m tutti_ray.manager`)
    assert.equal(job.entrypoint_num_cpus, 0)
    assert.deepEqual(job.runtime_env, {
      working_dir: 'gcs://x.zip',
      env_vars: { TUTTI_RAY: JSON.stringify({ address: 'tcp:10.0.0.1:4711', token: 'secret' }) },
    })
    const one = stage.call()
    await stage.ready
    assert.equal(manager.trouble, undefined)
    const nodes = [{ address: '10.0.0.2', total: { CPU: 1 }, free: { CPU: 0.5 } }]
    one.say({ kind: 'nodes', nodes })
    const [said] = heard
    assert.deepEqual(said?.kind === 'nodes' && said.nodes, nodes)
    manager.send({ kind: 'ping' })
    const closed = manager.close()
    job.status = 'SUCCEEDED'
    await clock.until(closed)
    assert.deepEqual(one.told, [{ kind: 'ping' }, { kind: 'bye' }])
    assert.deepEqual([counts, job.stopped], [{ uploads: 1, ready: 1 }, undefined])
  })

  test('a second one that calls is turned away, whenever it does', async () => {
    const stage = ray()
    await stage.clock.advance(100)
    const [one, two] = [stage.call(), stage.call()]
    await stage.ready
    const three = stage.call()
    assert.equal(one.hungUp(), undefined)
    for (const other of [two, three]) assert.match(other.hungUp() ?? '', /already/)
  })

  test('one that is lost, or talks nonsense, is replaced; packages are looked after again', async () => {
    const stage = ray()
    const { manager, clock, jobs, counts } = stage
    await clock.advance(100)
    stage.call().cut()
    await breath()
    assert.match(manager.trouble ?? '', /its job ended \(the connection was cut\)/)
    await clock.advance(100)
    assert.deepEqual([jobs.length, counts.uploads], [2, 2])
    const two = stage.call()
    await breath()
    assert.deepEqual([manager.trouble, counts.ready], [undefined, 2])
    two.say({ kind: 'nodes', nodes: [{ address: '10.0.0.2', total: { CPU: 'many' }, free: {} }] })
    assert.match(two.hungUp() ?? '', /no message/)
    await clock.advance(100)
    assert.equal(jobs.length, 3)
    assert.deepEqual(stage.heard, [])
  })

  test('a job that ends before it calls is told with why: what it said itself, or the last line of its log', async () => {
    for (const [log, code, sentence] of [
      ['warning\n{"tutti":{"failed":"Unreachable","message":"no route to host"}}\n', 'RAY_DRIVER_UNREACHABLE', /no route to host/],
      ['Traceback:\nModuleNotFoundError: ray', 'RAY_JOB', /Job entrypoint command failed; ModuleNotFoundError: ray/],
      ['{"tutti":{"message":7}}', 'RAY_JOB', /Job entrypoint command failed/],
    ] as const) {
      const stage = ray()
      stage.log = log
      await breath()
      const [job] = stage.jobs
      assert.ok(job)
      job.status = 'FAILED'
      const refused = assert.rejects(stage.ready, (error: Error & { code: string }) => error.code === code && sentence.test(error.message))
      await stage.clock.advance(1000)
      await refused
      assert.equal(stage.failures.length, 1)
    }
  })

  test('one after the other that goes as soon as it has come is not followed for ever: why is told', async () => {
    const stage = ray()
    const { clock, jobs, failures } = stage
    stage.log = 'warning\nRuntimeError: Version mismatch: the cluster was started with another Ray\n'
    // One that had lived for a while makes up for those before.
    for (const lived of [0, 5000, 0, 15_000, 0, 0, 9000]) {
      await clock.advance(1000)
      const one = stage.call()
      await clock.advance(lived)
      one.cut()
    }
    await clock.advance(1000)
    assert.deepEqual([jobs.length, failures.length], [8, 0])
    const last = stage.call()
    await breath()
    last.cut()
    await clock.advance(600)
    assert.equal(failures.length, 0, 'Ray may not know yet')
    Object.assign(jobs[7] as (typeof jobs)[number], { status: 'FAILED' })
    await clock.advance(60_000)
    assert.equal(failures.length, 1)
    assert.match(failures[0]?.message ?? '', /did not start: Job entrypoint command failed; RuntimeError: Version mismatch/)
    assert.equal(jobs.length, 8)
  })

  test('what never answered is told at once; what did is waited for, two minutes and no longer', async () => {
    const never = ray(fail('RAY_UNREACHABLE', 'http://head:8265', 'nobody listens'))
    await assert.rejects(never.ready, /nobody listens/)

    const stage = ray()
    const { clock, manager } = stage
    await clock.advance(100)
    stage.call().cut()
    stage.trouble = fail('RAY_UNREACHABLE', 'http://head:8265', 'nobody listens')
    await clock.advance(60_000)
    assert.match(manager.trouble ?? '', /nobody listens/)
    assert.deepEqual(stage.failures, [])
    stage.trouble = undefined
    await clock.advance(3000)
    stage.call()
    await breath()
    assert.deepEqual([manager.trouble, stage.counts.ready], [undefined, 2])

    const gone = ray()
    await gone.clock.advance(100)
    gone.call().cut()
    gone.trouble = fail('RAY_UNREACHABLE', 'http://head:8265', 'nobody listens')
    await gone.clock.advance(125_000)
    assert.equal(gone.failures.length, 1)
  })

  test('who leaves before it has called stops it at once, and turns it away should it still call', async () => {
    const stage = ray()
    await stage.clock.advance(100)
    const began = stage.clock.elapsed()
    const closed = stage.manager.close()
    const late = stage.call()
    await stage.clock.until(closed)
    assert.match(late.hungUp() ?? '', /done/)
    assert.equal(stage.jobs[0]?.stopped, true)
    assert.ok(stage.clock.elapsed() - began < 500)
    await stage.clock.advance(60_000)
    assert.equal(stage.jobs.length, 1)
  })

  test('a job that does not end by itself is stopped; a Ray that is silent keeps nobody', async () => {
    const stage = ray()
    await stage.clock.advance(100)
    stage.call()
    await breath()
    await stage.clock.until(stage.manager.close())
    assert.equal(stage.jobs[0]?.stopped, true)

    for (const call of [true, false]) {
      const silent = ray()
      await silent.clock.advance(100)
      if (call) silent.call()
      await breath()
      silent.trouble = 'silence'
      const began = silent.clock.elapsed()
      await silent.clock.until(silent.manager.close())
      assert.ok(silent.clock.elapsed() - began <= 5000)
    }
  })
})
