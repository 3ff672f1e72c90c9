/** The law of shared work: what is found is what is found without, to the last bit. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readStudy } from '../../../src/hpo/index.ts'
import { data, openStore, random, type Training, type TuneOptions, training, trees, tune } from '../../../src/index.ts'
import { replay } from '../../../src/run/trials/replay.ts'
import { type Dimension, dimensions as d } from '../../../src/space/index.ts'
import { crossValidated } from '../../../src/train/index.ts'
import fc from '../../laws.ts'
import { temporary } from '../place.ts'
import { reportsOf } from '../trials/program.ts'
import stumped from './fixtures/stumped.ts'
import { fits, stumps } from './stumps.ts'

type Options = TuneOptions<typeof stumped.config>

/** A study shared and one that is not, and how often each of them fitted. */
async function both(options: Options, subject: Training = stumped as unknown as Training) {
  await using folder = await temporary()
  const run = async (share: boolean) => {
    Object.assign(fits, { alone: 0, together: 0 })
    const found = await tune(subject, { ...options, share, store: folder.store, study: share ? 'shared' : 'alone' } as TuneOptions)
    // Of a training without a file, nobody knows the constraint any more.
    if (!subject.constraint) assert.deepEqual((await replayed(folder.store, found.study)).differences, [], 'it can be replayed')
    return { ...found, fits: { ...fits } }
  }
  return { shared: await run(true), alone: await run(false) }
}

async function replayed(path: string, study: string) {
  await using store = await openStore({ path, readOnly: true })
  return await replay(store, study)
}

function assertSame({ shared, alone }: Awaited<ReturnType<typeof both>>): void {
  assert.deepEqual(reportsOf(shared.record), reportsOf(alone.record))
  const ends = ({ record }: typeof shared) => record.trials.map(({ state, error, values, origin }) => [state, error, values, origin])
  assert.deepEqual(ends(shared), ends(alone))
  assert.deepEqual([shared.best, shared.trials, shared.status], [alone.best, alone.trials, alone.status])
}

const choices = <T extends number>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })

suite('shared work', () => {
  test('over random grids: the same trials, reports and best, to the last bit, from fewer fits', async () => {
    const grids = fc.record({
      nEstimators: choices([1, 2, 5, 9, 17]),
      alpha: choices([0.25, 1, 3]),
      buckets: choices([2, 3, 5]),
      rows: choices([80, 100]),
      sampler: fc.constantFrom('grid', 'random', 'sobol', { kind: 'grid', shuffle: true }),
      cv: fc.constantFrom(undefined, 3, { kind: 'kFold' as const, folds: 4, shuffle: true }),
      seed: fc.integer({ min: 0, max: 1000 }),
    })
    await fc.assert(
      fc.asyncProperty(grids, async ({ sampler, cv, seed, ...values }) => {
        const space = Object.fromEntries(Object.entries(values).map(([key, list]) => [key, d.choice(list)])) as Record<string, Dimension>
        const found = await both({ sampler, seed, space, trials: 14, ...(cv !== undefined && { cv }) } as Options)
        assertSame(found)
        const { shared, alone } = found
        const families = new Set(shared.record.trials.map(({ config }) => `${config.buckets} ${config.rows}`)).size
        const folds = cv === undefined ? 1 : typeof cv === 'number' ? cv : 4
        const distinct = new Set(shared.record.trials.map(({ config }) => JSON.stringify(config))).size
        if (distinct > families) assert.ok(shared.fits.alone + shared.fits.together === families * folds, JSON.stringify(shared.fits))
        assert.equal(alone.fits.alone, alone.record.trials.length * folds)
      }),
      { numRuns: 8 },
    )
  })

  test('forests: truncated, pruned and cut short in one fit, they are what each is alone', async () => {
    const forest = training.fromEstimator({
      ...{ name: 'forest', config: { nEstimators: 6, maxDepth: 0, ccpAlpha: 0, minSamplesLeaf: 1 } },
      objective: { metric: 'logLoss', direction: 'minimize' },
      data: () => stumped.data(stumped.config),
      estimator: ({ maxDepth, ...config }) => trees.randomForestClassifier({ ...config, maxDepth: maxDepth || null }),
    })
    const space = {
      ...{ nEstimators: d.int(1, 9), maxDepth: d.int(0, 5), ccpAlpha: d.uniform(0, 0.05), minSamplesLeaf: d.choice([1, 3]) },
    }
    for (const cv of [undefined, 3]) {
      const options = { sampler: 'random', trials: 16, seed: 5, space, ...(cv !== undefined && { cv }) } as TuneOptions
      assertSame(await both(options as Options, forest as unknown as Training))
    }
  })

  test('points to try first, a constraint and a study that goes on with more trials are the same too', async () => {
    const constrained = { ...stumped, constraint: ({ alpha }: { alpha: number }) => alpha !== 1 } as unknown as Training
    const options = { sampler: 'random', trials: 6, cv: 3, enqueue: [{ nEstimators: 30, alpha: 4, buckets: 3 }] } as Options
    assertSame(await both(options, constrained))
    await using folder = await temporary()
    for (const share of [true, false])
      for (const trials of [3, 9])
        await tune(stumped, { sampler: 'sobol', trials, cv: 3, share, store: folder.store, study: String(share) })
    await using store = await openStore({ path: folder.store, readOnly: true })
    const [shared, alone] = [await readStudy(store, 'true'), await readStudy(store, 'false')]
    assert.deepEqual(reportsOf(shared), reportsOf(alone))
    assert.deepEqual([shared.shared, alone.shared], [true, undefined])
  })

  test('a configuration that throws fails alone, in the same words, wherever it throws', async () => {
    const space = { nEstimators: d.choice([5, 13, 20]), alpha: d.choice([1, -1]), rows: d.choice([90, 666]) }
    const found = await both({ sampler: 'grid', space, cv: 3 } as Options)
    assertSame(found)
    const { trials } = found.shared.record
    assert.deepEqual(
      trials.map(({ state }) => state),
      ['finished', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed', 'finished', 'failed', 'failed', 'failed'],
    )
    for (const [config, words] of [
      [{ nEstimators: 13, alpha: 1, rows: 90 }, /thirteen is too much/],
      [{ nEstimators: 5, alpha: -1, rows: 90 }, /alpha/],
      [{ nEstimators: 5, alpha: 1, rows: 666 }, /no such rows/],
    ] as const) {
      const trial = trials.find((one) => Object.entries(config).every(([key, value]) => one.config[key] === value))
      assert.match(trial?.error?.message ?? '', words)
    }
  })

  test('it is only where it can be: not with a pruner, a sampler that learns, a flag, or an estimator without a family', async () => {
    const options = { sampler: 'grid', cv: 3 } as const
    const alone = training.fromEstimator({
      ...stumped,
      estimator: ({ nEstimators, alpha }) => {
        const { family: _, ...rest } = stumps({ nEstimators, alpha })
        return rest
      },
    })
    for (const [subject, more] of [
      [stumped, { pruner: 'median' }],
      [stumped, { sampler: 'tpe', trials: 4 }],
      [stumped, { share: false }],
      [alone, {}],
    ] as const) {
      await using folder = await temporary()
      Object.assign(fits, { alone: 0, together: 0 })
      const { status } = await tune(subject as typeof stumped, { ...options, ...more, store: folder.store } as Options)
      assert.deepEqual([status, fits.together, fits.alone > 0], ['finished', 0, true])
    }
  })

  test('a training that is cross-validated already measures itself', async () => {
    await using folder = await temporary()
    const run = (subject: Training, cv?: number) =>
      tune(subject, { sampler: 'grid', store: folder.store, ...(cv && { cv }) } as TuneOptions)
    const plain = stumped as unknown as Training
    const [own, asked] = [await run(crossValidated(plain, { cv: 4 })), await run(plain, 4)]
    assert.deepEqual(reportsOf(own.record), reportsOf(asked.record))
  })

  test('without folds the best trial’s model is kept, byte for byte the one that it makes alone', async () => {
    await using folder = await temporary()
    const kept = async (share: boolean) => {
      const { study, record, best } = await tune(stumped, { sampler: 'grid', share, store: folder.store, study: String(share) })
      assert.equal(record.model, best?.number)
      await using store = await openStore({ path: folder.store, readOnly: true })
      return (await store.artifacts(study)).map(({ name, sha256 }) => [name, sha256])
    }
    const [shared, alone] = [await kept(true), await kept(false)]
    assert.equal(shared.length, 3)
    assert.deepEqual(shared, alone)
  })

  test('in threads and processes it is the same', async () => {
    const file = new URL('./fixtures/stumped.ts', import.meta.url)
    await using folder = await temporary()
    const expected = await tune(stumped, { sampler: 'grid', cv: 3, share: false, store: folder.store })
    for (const engine of ['threads', 'processes']) {
      const stages: number[] = []
      const watcher = { stage: ({ unitsDone }: { unitsDone: number }) => void stages.push(unitsDone) }
      const found = await tune(file, { sampler: 'grid', cv: 3, engine, workers: 2, store: folder.store, watcher })
      assert.deepEqual(reportsOf(found.record), reportsOf(expected.record))
      assert.deepEqual([found.best, stages.at(-1)], [expected.best, 6])
      await using store = await openStore({ path: folder.store, readOnly: true })
      assert.deepEqual(await store.artifacts(found.study), [], 'what was kept for one that goes on is gone')
    }
  })

  test('a study that was interrupted does not measure again what it knows', async () => {
    await using folder = await temporary()
    const options = { sampler: 'grid', cv: 5, store: folder.store, study: 's' } as const
    const stop = new AbortController()
    Object.assign(fits, { alone: 0, together: 0 })
    const watcher = { stage: ({ unitsDone }: { unitsDone: number }) => unitsDone === 7 && stop.abort(new Error('enough')) }
    const first = await tune(stumped, { ...options, signal: stop.signal, watcher: watcher as never })
    assert.equal(first.status, 'interrupted')
    const before = fits.together
    const kept = async () => {
      await using store = await openStore({ path: folder.store, readOnly: true })
      return (await store.artifacts('s')).filter(({ kind }) => kind === 'shared').length
    }
    const known = await kept()
    assert.ok(known >= 7 && known < 10, String(known))
    const second = await tune(stumped, { ...options })
    assert.equal(fits.together - before, 10 - known)
    assert.equal(await kept(), 0)
    const whole = await tune(stumped, { ...options, study: 'whole', share: false })
    assert.deepEqual(
      second.record.trials.map(({ metrics }) => metrics),
      whole.record.trials.map(({ metrics }) => metrics),
    )
  })

  test('what is kept of other data, or cannot be read, is not used', async () => {
    await using folder = await temporary()
    let shift = 0
    const shifting = training.fromEstimator({
      ...stumped,
      data() {
        const chance = random('shifting')
        const x = Array.from({ length: 60 }, () => [chance.uniform() + shift, chance.uniform()])
        return { train: data.table({ x, y: x.map(([a = 0, b = 0]) => (a - shift > b ? 'up' : 'down')) }) }
      },
    })
    const options = { sampler: 'grid', cv: 5, store: folder.store, study: 's' } as const
    const stop = new AbortController()
    const watcher = { stage: ({ unitsDone }: { unitsDone: number }) => unitsDone === 8 && stop.abort(new Error('enough')) }
    await tune(shifting, { ...options, signal: stop.signal, watcher: watcher as never })
    shift = 1
    Object.assign(fits, { alone: 0, together: 0 })
    await tune(shifting, { ...options })
    assert.ok(fits.together >= 5, 'it was measured again')
  })
})
