/** What every splitter must do, through its contract only. `splitterConformance` is called once for each implementation. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { TuttiError } from '../../core/errors.ts'
import { random } from '../../core/random.ts'
import type { Fold, RowFacts, Splitter } from '../crossValidation/index.ts'

/** @param make the splitter with so many folds, where it takes a number of them */
export function splitterConformance(name: string, make: (folds: number) => Splitter): void {
  suite(`splitter: ${name}`, () => {
    test('it has its name, and says how many folds there will be', () => {
      const splitter = make(4)
      assert.equal(splitter.name, name)
      assert.equal(splitter.split(drawn(0, 200)).length, splitter.folds)
    })

    test('training and test rows lie in the table, increase, have nothing in common, and are not empty', () => {
      each(make, (folds, { rows }) => {
        for (const { train, test } of folds) {
          for (const part of [train, test]) {
            assert.ok(part.length > 0, 'a part is empty')
            assert.ok(part.every((row, i) => row >= 0 && row < rows && (i === 0 || row > (part[i - 1] as number))))
          }
          const held = new Set(test)
          assert.ok(train.every((row) => !held.has(row)))
        }
      })
    })

    test('the same facts give the same folds', () => {
      each(make, (folds, facts, splitter) => assert.deepEqual(splitter.split({ ...facts, random: random(facts.rows) }), folds))
    })

    const { tested, stratified, ordered } = make(3).laws

    if (tested !== undefined)
      test(`each row is tested ${tested} times, and trained on in all other folds`, () => {
        each(make, (folds, { rows }, splitter) => {
          const [tests, trainings] = [new Int32Array(rows), new Int32Array(rows)]
          for (const { train, test } of folds) {
            for (const row of test) tests[row]!++
            for (const row of train) trainings[row]!++
          }
          assert.ok(tests.every((count) => count === splitter.laws.tested))
          assert.ok(trainings.every((count) => count === folds.length - (splitter.laws.tested as number)))
        })
      })

    if (stratified)
      test('the rows of each label in a test part differ from fold to fold by at most one', () => {
        each(make, (folds, { labels = [] }) => {
          for (const label of new Set(Array.from(labels))) {
            const counts = folds.map(({ test }) => test.reduce((count, row) => count + Number(labels[row] === label), 0))
            assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `label ${label} has ${counts}`)
          }
        })
      })

    if (ordered)
      test('no training row comes after a test row', () => {
        each(make, (folds) => {
          for (const { train, test } of folds) assert.ok((train.at(-1) as number) < (test[0] as number))
        })
      })

    if (make(3).group !== undefined)
      test('rows of one group are trained on or tested, never both', () => {
        each(make, (folds, { groups = [] }) => {
          for (const { train, test } of folds) {
            const held = new Set(Array.from(test, (row) => groups[row]))
            assert.ok(train.every((row) => !held.has(groups[row])))
          }
        })
      })

    test('fewer rows than folds are refused with the reason', () => {
      assert.throws(() => make(4).split(drawn(1, 2)), { code: 'FOLDS_IMPOSSIBLE' })
    })
  })
}

/** Many tables of rows, some small, and their folds; tables that are refused with a reason are passed over. */
function each(make: (folds: number) => Splitter, check: (folds: readonly Fold[], facts: RowFacts, splitter: Splitter) => void): void {
  let taken = 0
  for (let seed = 0; seed < 120; seed++) {
    const facts = drawn(seed, 12 + random(seed).int(seed < 100 ? 60 : 400))
    const splitter = make(2 + (seed % 5))
    let folds: Fold[]
    try {
      folds = splitter.split(facts)
    } catch (error) {
      if (error instanceof TuttiError && error.code === 'FOLDS_IMPOSSIBLE') continue
      throw error
    }
    taken++
    check(folds, facts, splitter)
  }
  assert.ok(taken >= 60, `only ${taken} of 120 tables could be cut`)
}

/** Rows with labels as unequal as they are in life, and groups of several sizes. */
function drawn(seed: number, rows: number): RowFacts {
  const chance = random(seed).fork('rows')
  const classes = 2 + chance.int(3)
  return {
    name: `drawn ${seed}`,
    rows,
    labels: Int32Array.from({ length: rows }, () => Math.floor(classes * chance.uniform() ** 2)),
    groups: Int32Array.from({ length: rows }, () => Math.floor(12 * chance.uniform() ** 1.5)),
    random: random(rows),
  }
}
