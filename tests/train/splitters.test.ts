/** Splitters: the laws of the contract, closed forms of sizes, and scikit-learn's own folds. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { table } from '../../src/data/index.ts'
import { splitterConformance } from '../../src/testing.ts'
import { foldsOf, type RowFacts, type Splitter, splitters } from '../../src/train/index.ts'
import fc from '../laws.ts'

const makers: Record<keyof typeof splitters, (folds: number) => Splitter> = {
  kFold: (folds) => splitters.kFold({ folds }),
  stratifiedKFold: (folds) => splitters.stratifiedKFold({ folds }),
  groupKFold: (folds) => splitters.groupKFold({ folds, group: 'patient' }),
  timeSeriesSplit: (folds) => splitters.timeSeriesSplit({ folds }),
  repeatedKFold: (folds) => splitters.repeatedKFold({ folds, repeats: 3 }),
  repeatedStratifiedKFold: (folds) => splitters.repeatedStratifiedKFold({ folds, repeats: 2 }),
}
for (const [name, make] of Object.entries(makers)) splitterConformance(name, make)
splitterConformance('kFold', (folds) => splitters.kFold({ folds, shuffle: true }))
splitterConformance('stratifiedKFold', (folds) => splitters.stratifiedKFold({ folds, shuffle: true }))
splitterConformance('timeSeriesSplit', (folds) => splitters.timeSeriesSplit({ folds, gap: 1, maxTrain: 4, testSize: 1 }))

const facts = (rows: number, given: Partial<RowFacts> = {}): RowFacts => ({
  ...{ name: 'set', rows, labels: undefined, groups: undefined, random: random(0) },
  ...given,
})
const sorted = (rows: Int32Array) => [...rows].sort((a, b) => a - b)

interface Case {
  readonly rows: number
  readonly folds: number
  readonly labels?: readonly number[]
  readonly groups?: readonly number[]
  /** The fold in which each row is tested. */
  readonly tested: readonly number[]
}
interface SeriesCase {
  readonly rows: number
  readonly folds: number
  readonly gap: number
  readonly maxTrain?: number
  readonly testSize?: number
  /** First and last row of training, first and last of the test. */
  readonly parts: readonly (readonly number[])[]
}
const vectors: { readonly [K in 'kFold' | 'stratifiedKFold' | 'groupKFold']: readonly Case[] } & {
  readonly timeSeriesSplit: readonly SeriesCase[]
} = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors/folds.json'), 'utf8'))

suite('splitters as scikit-learn has them', () => {
  for (const kind of ['kFold', 'stratifiedKFold', 'groupKFold'] as const) {
    test(`${kind} tests each row in the same fold`, () => {
      for (const { rows, folds, tested, labels, groups } of vectors[kind]) {
        const made = new Array<number>(rows).fill(-1)
        for (const [fold, { test }] of makers[kind](folds).split(facts(rows, { labels, groups })).entries())
          for (const row of test) made[row] = fold
        assert.deepEqual(made, tested)
      }
    })
  }

  test('timeSeriesSplit has the same ends', () => {
    for (const { rows, parts, ...options } of vectors.timeSeriesSplit) {
      const made = splitters
        .timeSeriesSplit(options)
        .split(facts(rows))
        .map(({ train, test }) => [train[0], train.at(-1), test[0], test.at(-1)])
      assert.deepEqual(made, parts)
    }
  })
})

suite('folds of tables', () => {
  const labelled = (rows: number) =>
    table({ x: Array.from({ length: rows }, (_, i) => [i, i % 4]), y: Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 'a' : 'b')) })
  const quantities = (rows: number) =>
    table({ x: Array.from({ length: rows }, (_, i) => [i]), y: Array.from({ length: rows }, (_, i) => i / 7) })

  test('a number is stratified where the target is labels, and blocks where it is quantities', () => {
    assert.deepEqual(foldsOf(labelled(30), { cv: 3 }), foldsOf(labelled(30), { cv: { kind: 'stratifiedKFold', folds: 3 } }))
    assert.deepEqual(foldsOf(quantities(30), { cv: 4 }), foldsOf(quantities(30), { cv: { kind: 'kFold', folds: 4 } }))
    assert.equal(foldsOf(quantities(30)).length, 5)
  })

  test('shuffled folds are drawn from their own seed', () => {
    const cv = { kind: 'kFold', folds: 3, shuffle: true } as const
    assert.deepEqual(foldsOf(quantities(30), { cv }), foldsOf(quantities(30), { cv, foldSeed: 0 }))
    assert.notDeepEqual(foldsOf(quantities(30), { cv }), foldsOf(quantities(30), { cv, foldSeed: 1 }))
    assert.notDeepEqual(foldsOf(quantities(30), { cv }), foldsOf(quantities(30), { cv: 3 }))
  })

  test('repeats are shuffled anew', () => {
    const folds = foldsOf(quantities(30), { cv: { kind: 'repeatedKFold', folds: 3, repeats: 2 } })
    assert.equal(folds.length, 6)
    assert.notDeepEqual(folds.slice(0, 3), folds.slice(3))
  })

  test('groups are a column that is no input, or a named feature', () => {
    const x = {
      dtype: 'float32',
      shape: [2],
      names: ['age', 'ward'],
      data: Float32Array.from({ length: 40 }, (_, i) => Math.floor(i / 8)),
    } as const
    const patient = Int32Array.from({ length: 20 }, (_, i) => i % 5)
    const set = table({ x, patient, y: Array.from({ length: 20 }, (_, i) => i / 3) }, { inputs: ['x'] })
    for (const group of ['patient', 'ward']) {
      const value = (row: number) => (group === 'ward' ? (x.data[row * 2 + 1] as number) : (patient[row] as number))
      for (const { train, test } of foldsOf(set, { cv: { kind: 'groupKFold', folds: 4, group } })) {
        const held = new Set(Array.from(test, value))
        assert.ok(Array.from(train, value).every((one) => !held.has(one)))
      }
    }
    assert.throws(() => foldsOf(set, { cv: { kind: 'groupKFold', group: 'pateint' } }), { code: 'FOLDS_GROUP', message: /patient/ })
  })

  test('what cannot be is told: folds, labels, options, kinds', () => {
    assert.throws(() => foldsOf(quantities(30), { cv: 1 }), { code: 'BAD_OPTION', message: /folds/ })
    assert.throws(() => foldsOf(quantities(3), { cv: 5 }), { code: 'FOLDS_IMPOSSIBLE', message: /3 rows for 5 folds/ })
    assert.throws(() => foldsOf(quantities(30), { cv: { kind: 'stratifiedKFold' } }), { code: 'FOLDS_IMPOSSIBLE', message: /no label/ })
    assert.throws(() => foldsOf(labelled(8), { cv: { kind: 'stratifiedKFold', folds: 7 } }), { code: 'FOLDS_IMPOSSIBLE' })
    assert.throws(() => foldsOf(quantities(30), { cv: { kind: 'kfold' } as never }), { code: 'UNKNOWN_KIND' })
    assert.throws(() => foldsOf(quantities(30), { cv: { kind: 'kFold', fold: 3 } as never }), { code: 'UNKNOWN_OPTION' })
    assert.throws(() => splitters.groupKFold(), { code: 'BAD_OPTION', message: /group/ })
    assert.throws(() => splitters.timeSeriesSplit({ folds: 9 }).split(facts(9)), { code: 'FOLDS_IMPOSSIBLE' })
  })

  test('every split is one of the rows, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 8, max: 90 }), (folds, rows) => {
        const all = foldsOf(quantities(rows), { cv: folds }).map(({ train, test }) => sorted(Int32Array.from([...train, ...test])))
        for (const one of all) assert.deepEqual(one, [...Array(rows).keys()])
      }),
      { numRuns: 30 },
    )
  })
})
