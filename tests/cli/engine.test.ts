/** Options of the engine on the command line and in the configuration: one Spec comes of both. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Configuration } from '../../src/cli/config.ts'
import { engineText, takeEngine } from '../../src/cli/engine.ts'

const none = {
  ...{ workers: undefined, engine: undefined, rayAddress: undefined, rayTokenFile: undefined, cpusPerWorker: undefined },
  ...{ memoryPerWorker: undefined, resources: undefined, driverAddress: undefined, tls: false, threads: undefined },
}
type Flags = Partial<Record<Exclude<keyof typeof none, 'tls' | 'threads'>, string>> & { readonly threads?: number; readonly tls?: boolean }
const chosen = (flags: Flags, config?: Configuration) => takeEngine({ ...none, ...flags }, config).chosen

test('nothing said is nothing chosen, and other options are left as they are', () => {
  const { chosen, rest } = takeEngine({ ...none, seed: 3 })
  assert.deepEqual(chosen, {})
  assert.deepEqual(rest, { threads: undefined, seed: 3 })
})

test('each option of ray, from the command line and from the configuration, with the command line in front', () => {
  const cases: [flag: Flags, key: string, said: unknown, configured: unknown][] = [
    [{ rayAddress: 'http://a:1' }, 'address', 'http://a:1', 'http://b:1'],
    [{ rayTokenFile: 'a' }, 'tokenFile', 'a', 'b'],
    [{ cpusPerWorker: '0.5' }, 'cpusPerWorker', 0.5, 2],
    [{ memoryPerWorker: '1KiB' }, 'memoryPerWorker', 1024, 2048],
    [{ resources: '{"GPU":1}' }, 'resources', { GPU: 1 }, { TPU: 2 }],
    [{ driverAddress: 'a:1' }, 'driverAddress', 'a:1', 'b:1'],
    [{ tls: true }, 'tls', true, false],
  ]
  for (const [flag, key, said, configured] of cases) {
    const config = { engine: 'ray', ray: { [key]: configured, node: 'node24' } } as Configuration
    assert.deepEqual(chosen({ engine: 'ray', ...flag }).engine, { kind: 'ray', [key]: said })
    assert.deepEqual(chosen({}, config).engine, { kind: 'ray', [key]: configured, node: 'node24' })
    assert.deepEqual(chosen(flag, config).engine, { kind: 'ray', [key]: said, node: 'node24' }, key)
  }
})

test('processors of a worker are its threads, where nothing else is said', () => {
  assert.deepEqual(chosen({ engine: 'ray', threads: 4 }).engine, { kind: 'ray', cpusPerWorker: 4 })
  assert.deepEqual(chosen({ engine: 'ray' }, { threads: 3 }).engine, { kind: 'ray', cpusPerWorker: 3 })
  assert.deepEqual(chosen({ engine: 'ray', threads: 4 }, { ray: { cpusPerWorker: 1 } }).engine, { kind: 'ray', cpusPerWorker: 1 })
  assert.deepEqual(chosen({ engine: 'ray', threads: 4, cpusPerWorker: '2' }).engine, { kind: 'ray', cpusPerWorker: 2 })
})

test('workers', () => {
  assert.equal(chosen({ workers: '3' }).workers, 3)
  assert.equal(chosen({ workers: 'auto' }, { workers: 2 }).workers, 'auto')
  assert.equal(chosen({}, { workers: 2 }).workers, 2)
  for (const text of ['0', '-1', '1.5', 'many', ' '])
    assert.throws(() => chosen({ workers: text }), /--workers cannot be '.*': it must be a whole number, at least 1, or 'auto'/)
})

test('what only ray has is refused under other engines, unless the configuration chose ray', () => {
  const flags: [Flags, string][] = [
    [{ rayAddress: 'http://a:1' }, '--ray-address'],
    [{ rayTokenFile: 'a' }, '--ray-token-file'],
    [{ cpusPerWorker: '1' }, '--cpus-per-worker'],
    [{ memoryPerWorker: '1GiB' }, '--memory-per-worker'],
    [{ resources: '{}' }, '--resources'],
    [{ driverAddress: 'a' }, '--driver-address'],
    [{ tls: true }, '--tls'],
  ]
  for (const [flag, name] of flags) {
    for (const engine of [undefined, 'processes'])
      assert.throws(() => chosen({ ...flag, ...(engine && { engine }) }), new RegExp(`^TuttiError: ${name} .*--engine ray`))
    assert.throws(() => chosen({ ...flag, engine: 'threads' }, { engine: 'ray' }), /--engine ray/)
    assert.equal((chosen(flag, { engine: 'ray' }).engine as { kind: string }).kind, 'ray')
  }
  // A configuration may hold both, and be asked for either.
  assert.deepEqual(chosen({ engine: 'threads' }, { engine: 'ray', ray: { cpusPerWorker: 2 } }), { engine: 'threads' })
})

test('values that cannot be', () => {
  for (const resources of ['GPU', '[1]', '{"GPU":"1"}', '3', 'null', '{'])
    assert.throws(() => chosen({ engine: 'ray', resources }), /--resources cannot be .*JSON of names and amounts, such as \{"GPU":1\}/)
  for (const cpusPerWorker of ['x', '-1', '1e3', 'Infinity'])
    assert.throws(() => chosen({ engine: 'ray', cpusPerWorker }), /--cpus-per-worker cannot be/)
  for (const memoryPerWorker of ['much', '0', '-2GiB'])
    assert.throws(() => chosen({ engine: 'ray', memoryPerWorker }), /--memory-per-worker cannot be/)
})

test('a next command has what was given of the engine, and no more', () => {
  assert.equal(engineText(none), '')
  assert.equal(engineText({ ...none, workers: '3' } as never), '')
  const given = { ...none, engine: 'ray', workers: '3', resources: '{"GPU":1}', tls: true } as never
  assert.equal(engineText(given), ` --workers 3 --engine ray --resources '{"GPU":1}' --tls`)
  assert.equal(engineText({ ...none, rayAddress: 'http://a:1' } as never), ' --ray-address http://a:1')
})
