import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { suite, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { virtualClock } from '../../src/core/clock.ts'
import { compareRuns, exportRuns, openStore, systemFacts } from '../../src/store/index.ts'
import { fromText, toText } from '../../src/store/json.ts'
import { isAlive, leaseTime, type Owner, thisProcess } from '../../src/store/lease.ts'
import fc from '../laws.ts'
import { temporary } from './place.ts'

suite('store: json', () => {
  test('plain data comes back as it is, NaN, infinities and -0 included', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.double(), (value, number) => {
        const whole = { value, number, list: [number] }
        assert.deepEqual(fromText(toText(whole)), whole)
      }),
    )
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])
      assert.ok(Object.is(fromText(toText(number)), number))
  })
})

suite('store: leases', () => {
  const now = 1_000_000
  const me = thisProcess()
  const recent = now - leaseTime
  const long = now - leaseTime - 1
  const alive = (change: Partial<Owner>, heartbeat: number) => isAlive({ ...me, ...change }, heartbeat, now)

  test('on this machine the process table decides, whatever the heartbeat says', { skip: me.started === null && 'no /proc' }, () => {
    assert.equal(alive({}, 0), true)
    assert.equal(alive({ started: '1' }, now), false, 'another process with the same id')
    const { pid } = spawnSync(process.execPath, ['--version'])
    assert.equal(alive({ pid }, now), false, 'a process that ended')
  })
  test('a process that ended and that nobody waited for is not alive', { skip: me.started === null && 'no /proc' }, async () => {
    // The shell becomes a program that does not wait for the shell's children; its child ends when its input does.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
    const input = parent.stdio[3] as Writable
    try {
      const [line] = await once(parent.stdout as Readable, 'data')
      const look = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
      const child = Number(line)
      while (look(parent.pid as number, 'comm') !== 'sleep\n') await new Promise(setImmediate)
      const started = look(child, 'stat').split(' ')[21] as string
      assert.equal(alive({ pid: child, started }, now), true)
      input.end()
      while (look(child, 'stat').split(' ')[2] !== 'Z') await new Promise(setImmediate)
      assert.equal(alive({ pid: child, started }, now), false)
    } finally {
      input.destroy()
      parent.kill()
    }
  })
  test('without start times, a living process id must have a recent heartbeat', () => {
    assert.equal(alive({ started: null }, recent), true)
    assert.equal(alive({ started: null }, long), false)
  })
  test('from another machine, or after a restart, the heartbeat decides', () => {
    assert.equal(alive({ place: 'elsewhere' }, recent), true)
    assert.equal(alive({ place: 'elsewhere' }, long), false)
  })
})

suite('store: runs side by side', () => {
  const filled = async (path: string) => {
    const store = await openStore({ path, clock: virtualClock(Date.UTC(2024, 0, 2)) })
    const shared = { mode: 'single', name: 'a,"b"' }
    const a = await store.createRun({ ...shared, seed: 1, config: { hidden: 64, same: [1], optimizer: { kind: 'sgd', momentum: 0.9 } } })
    a.metric(1, { loss: 0.5 })
    a.metric(2, { loss: Number.NaN })
    await a.finish('finished', { metrics: { accuracy: 0.9, loss: 0.5 } })
    const b = await store.createRun({ ...shared, seed: 1, config: { hidden: 128, same: [1], optimizer: { kind: 'adam' } } })
    b.metric(1, { loss: 0.25 })
    b.metric(2, { loss: Number.POSITIVE_INFINITY })
    b.log('info', 'hello')
    await b.flush()
    return { store, ids: [a.id, b.id] }
  }

  test('compareRuns: settings that differ, and all outcomes; of a run at work its last metrics', async () => {
    await using folder = await temporary()
    const { store, ids } = await filled(folder.path)
    await using _ = store
    const { runs, config, metrics } = await compareRuns(store, [ids[0] as string, 'last'])
    assert.deepEqual(
      runs.map(({ id }) => id),
      ids,
    )
    assert.deepEqual(config, [
      { key: 'hidden', values: [64, 128] },
      { key: 'optimizer.kind', values: ['sgd', 'adam'] },
      { key: 'optimizer.momentum', values: [0.9, undefined] },
    ])
    assert.deepEqual(metrics, [
      { key: 'accuracy', values: [0.9, undefined] },
      { key: 'loss', values: [0.5, Number.POSITIVE_INFINITY] },
    ])
    await assert.rejects(compareRuns(store, ['nobody']), { code: 'RUN_UNKNOWN' })
  })

  test('exportRuns: CSV that a CSV reader reads, JSON that a JSON reader reads', async () => {
    await using folder = await temporary()
    const { store, ids } = await filled(folder.path)
    await using _ = store
    const time = '2024-01-02T00:00:00.000Z'
    assert.deepEqual(parse(await exportRuns(store, ids, 'csv')), [
      ['run', 'name', 'key', 'step', 'value', 'time'],
      [ids[0], 'a,"b"', 'loss', '1', '0.5', time],
      [ids[0], 'a,"b"', 'loss', '2', 'NaN', time],
      [ids[1], 'a,"b"', 'loss', '1', '0.25', time],
      [ids[1], 'a,"b"', 'loss', '2', 'Infinity', time],
    ])
    const [a, b] = JSON.parse(await exportRuns(store, ids, 'json'))
    assert.deepEqual([a.id, a.status, a.created, a.ended, a.metrics], [ids[0], 'finished', time, time, { accuracy: 0.9, loss: 0.5 }])
    assert.deepEqual(b.points[1], { key: 'loss', step: 2, value: 'Infinity', time })
    assert.deepEqual(b.logs, [{ time, level: 'info', text: 'hello' }])
  })
})

suite('store: system facts', () => {
  test('the machine and the versions', async () => {
    const facts = await systemFacts()
    assert.equal(facts.node, process.version)
    assert.ok((facts.cores as number) >= 1 && (facts.memory as number) > 1e8)
    const packages = facts.packages as Record<string, string>
    for (const name of ['tutti', 'onnxruntime-node']) assert.match(packages[name] ?? '', /^\d+\.\d+\.\d+/)
    assert.deepEqual(fromText(toText(facts)), facts)
  })

  test('the commit of the folder and whether it has changes; without a repository, nothing', async () => {
    await using folder = await temporary()
    // so that a repository around the temporary folder is not found
    process.env.GIT_CEILING_DIRECTORIES = join(folder.path, '..')
    assert.equal((await systemFacts({ cwd: folder.path })).git, undefined)
    const git = (...args: string[]) =>
      spawnSync('git', ['-C', folder.path, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' })
    git('init', '--initial-branch=trunk')
    writeFileSync(join(folder.path, 'train.ts'), 'export default 1\n')
    git('add', '.')
    git('-c', 'commit.gpgsign=false', 'commit', '-m', 'first')
    const commit = git('rev-parse', 'HEAD').stdout.trim()
    assert.deepEqual((await systemFacts({ cwd: folder.path })).git, { commit, branch: 'trunk', dirty: false })
    await using store = await openStore({ path: join(folder.path, '.tutti') })
    assert.equal(store.location, join(folder.path, '.tutti'))
    assert.deepEqual((await systemFacts({ cwd: folder.path })).git, { commit, branch: 'trunk', dirty: false }, 'a store is no change')
    writeFileSync(join(folder.path, 'train.ts'), 'export default 2\n')
    assert.deepEqual((await systemFacts({ cwd: folder.path })).git, { commit, branch: 'trunk', dirty: true })
  })
})
