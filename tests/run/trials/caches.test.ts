import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { realClock } from '../../../src/core/clock.ts'
import { type Executable, type Graph, type Runtime, runtimes } from '../../../src/graph/index.ts'
import { cachingData, cachingRuntime } from '../../../src/run/trials/caches.ts'
import {
  type Config,
  component,
  type DataSplits,
  type Environment,
  runTraining,
  runWithout,
  type Training,
} from '../../../src/train/index.ts'
import small from './fixtures/small.ts'

suite('data that is kept', () => {
  /** A training whose data counts how often it is made. */
  function counting(make: (config: Config) => unknown) {
    let made = 0
    const data = (config: Config) => {
      const name = ++made
      const splits = make(config)
      return (splits instanceof Promise ? splits.then(() => ({ name })) : { name }) as never as DataSplits
    }
    const kept = cachingData({ ...small, data } as unknown as Training)
    return async (config: Config) => ((await kept.data(config)) as unknown as { name: number }).name
  }

  test('it is made again only when something that it looked at is another', async () => {
    const data = counting(({ size, source }) => `${size} ${source}`)
    const seen: number[] = []
    for (const config of [
      { size: 1, source: 'a', rate: 1 },
      { size: 1, source: 'a', rate: 2 },
      { size: 2, source: 'a', rate: 2 },
      { size: 2, source: 'b', rate: 2 },
      { size: 2, source: 'b', rate: 3 },
      { size: Number.NaN, source: 'b', rate: 3 },
      { size: Number.NaN, source: 'b', rate: 4 },
    ])
      seen.push(await data(config))
    assert.deepEqual(seen, [1, 1, 2, 3, 3, 4, 4])
  })

  test('looking at all keys, or at whether there is one, counts as looking', async () => {
    const all = counting((config) => ({ ...config }))
    assert.deepEqual([await all({ a: 1 }), await all({ a: 1 }), await all({ a: 2 })], [1, 1, 2])
    const one = counting((config) => 'b' in config)
    assert.deepEqual([await one({ a: 1 }), await one({ a: 2 }), await one({ a: 2, b: 1 })], [1, 1, 2])
  })

  test('what it looks at later, while it is being made, counts too', async () => {
    const data = counting(async (config) => {
      await new Promise((resolve) => setImmediate(resolve))
      return config.late
    })
    assert.deepEqual([await data({ late: 1 }), await data({ late: 1 }), await data({ late: 2 })], [1, 1, 2])
  })

  test('data that could not be made is tried again', async () => {
    let broken = true
    const data = counting(async () => {
      if (broken) throw new Error('no network')
    })
    await assert.rejects(data({}), /no network/)
    broken = false
    assert.equal(await data({}), 2)
    assert.equal(await data({}), 2)
  })

  test('a component of its own that is gone makes other data, and is met also where the data was kept', async () => {
    const data = counting(() => component('augment', (without) => without))
    const met: string[][] = []
    const at = async (without: string[]) => {
      const names = new Set<string>()
      const made = await runWithout(new Set(without), () => data({}), names)
      met.push([...names])
      return made
    }
    assert.deepEqual(
      [await at([]), await at([]), await at(['augment']), await at(['augment']), await at([]), await at(['other'])],
      [1, 1, 2, 2, 3, 3],
    )
    assert.deepEqual(met, Array(6).fill(['augment']))
  })
})

suite('graphs that are kept', () => {
  /** A runtime that counts what is compiled and not yet released. */
  function counting(fail: () => boolean = () => false) {
    const open = new Set<object>()
    let compiled = 0
    const real = runtimes.onnxruntime()
    const runtime: Runtime = {
      ...real,
      async compile(graph: Graph, options) {
        compiled++
        if (fail()) throw new Error('out of memory')
        const executable = await real.compile(graph, options)
        open.add(executable)
        return {
          ...executable,
          compileTime: executable.compileTime,
          run: executable.run,
          async release() {
            assert.ok(open.delete(executable), 'released once')
            await executable.release()
          },
        } as Executable
      },
    }
    return { runtime, open, compiled: () => compiled }
  }

  const environment = (runtime: Runtime): Environment => ({
    ...{ runtime, threads: 1, clock: realClock, seed: 1, signal: new AbortController().signal },
    checkpoints: { latest: async () => undefined, save: async () => undefined, last: undefined },
    observer: { report() {}, curve() {}, log() {}, progress() {} },
  })
  const train = async (runtime: Runtime, change: object = {}) => {
    const config = { ...small.config, epochs: 1, ...change }
    return (await runTraining(small as unknown as Training, config, environment(runtime))).metrics
  }

  test('another learning rate compiles nothing, another architecture does; the numbers are the same as without', async () => {
    const { runtime, open, compiled } = counting()
    const plain = await train(runtime)
    const each = compiled()
    assert.equal(open.size, 0)
    {
      await using kept = cachingRuntime(runtime)
      assert.deepEqual(await train(kept), plain)
      assert.equal(compiled(), 2 * each)
      assert.deepEqual(await train(kept), plain)
      await train(kept, { learningRate: 0.2 })
      assert.equal(compiled(), 2 * each)
      await train(kept, { units: 9 })
      assert.equal(compiled(), 3 * each)
      assert.deepEqual(await train(kept), plain, 'not by what others left in it')
    }
    assert.equal(open.size, 0, 'all are released in the end')
  })

  test('only so many are kept, those used last', async () => {
    const { runtime, open, compiled } = counting()
    await using kept = cachingRuntime(runtime)
    for (let units = 1; units <= 20; units++) await train(kept, { units })
    assert.ok(open.size <= 24, `${open.size} are open`)
    const before = compiled()
    await train(kept, { units: 20 })
    assert.equal(compiled(), before)
    await train(kept, { units: 1 })
    assert.ok(compiled() > before)
  })

  test('one that could not be compiled is tried again', async () => {
    let broken = true
    const { runtime } = counting(() => broken)
    await using kept = cachingRuntime(runtime)
    await assert.rejects(train(kept), /out of memory/)
    broken = false
    assert.ok(await train(kept))
  })
})
