import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { type ImportanceOptions, type ImportanceRow, importance } from '../../../src/hpo/importance/index.ts'
import type { StudyRecord } from '../../../src/hpo/index.ts'
import { type Assignment, type Dimensions, searchSpace, dimensions as space } from '../../../src/space/index.ts'

/** A study whose points were drawn at random. */
function studyOf(dimensions: Dimensions, value: (assignment: Assignment) => number, trials: number): StudyRecord {
  const points = searchSpace(dimensions)
  const chance = random('points')
  return {
    id: 'known',
    name: 'known',
    mode: 'study',
    status: 'finished',
    objectives: [{ metric: 'loss', direction: 'minimize' }],
    space: dimensions,
    defaults: {},
    sampler: 'random',
    pruner: 'none',
    seed: 0,
    wanted: { trials },
    workers: 1,
    engine: 'inline',
    created: 0,
    busy: 0,
    trials: Array.from({ length: trials }, (_, number) => {
      const assignment = points.sample(chance)
      return {
        number,
        state: 'finished',
        assignment,
        config: assignment,
        seed: number,
        origin: 'sampler',
        metrics: {},
        values: [value(assignment)],
        reports: [],
        attempts: [],
        created: 0,
      }
    }),
  }
}

const fanova = (study: StudyRecord, more: Partial<ImportanceOptions> = {}) => importance(study, { method: 'fanova', seed: 1, ...more })
const permutation = (study: StudyRecord) => importance(study, { method: 'permutation', seed: 1 })

function of(rows: readonly ImportanceRow[], ...names: string[]): number {
  const row = rows.find((each) => each.names.join() === names.join())
  assert.ok(row, `there is a row of ${names}`)
  return row.importance
}

const numeric = (value: unknown) => value as number
const four = {
  a: space.uniform(-1, 1),
  b: space.logUniform(1e-4, 1),
  c: space.choice(['w', 'x', 'y', 'z']),
  d: space.int(1, 5),
  e: space.uniform(0, 1),
}
/** Variances: 4/3; (4/3) for log10 over four decades; 1.25; 0.5 x 2. */
const additive = ({ a, b, c, d }: Assignment) =>
  2 * numeric(a) + Math.log10(numeric(b)) + ['w', 'y', 'z', 'x'].indexOf(c as string) + Math.SQRT1_2 * numeric(d)
const shares = { a: 4 / 3, b: 4 / 3, c: 1.25, d: 1, e: 0 }
const all = Object.values(shares).reduce((sum, share) => sum + share, 0)

test('an additive function has the shares of its terms', () => {
  const rows = fanova(studyOf(four, additive, 1000))
  for (const [name, share] of Object.entries(shares)) {
    assert.ok(Math.abs(of(rows, name) - share / all) < 0.03, `${name}: ${of(rows, name)}, not ${share / all}`)
  }
})

test('fanova sums to 1, largest first, with pairs and without', () => {
  const study = studyOf(four, additive, 100)
  for (const pairs of [false, true]) {
    const rows = fanova(study, { pairs })
    assert.equal(rows.length, pairs ? 5 + 10 : 5)
    assert.ok(Math.abs(rows.reduce((sum, row) => sum + row.importance, 0) - 1) < 1e-12)
    assert.deepEqual(
      rows.map((row) => row.importance),
      rows.map((row) => row.importance).sort((a, b) => b - a),
    )
    assert.ok(rows.every((row) => row.importance >= 0 && row.deviation >= 0))
  }
})

test('a product of two is an interaction, of neither alone', () => {
  const dimensions = { a: space.uniform(-1, 1), b: space.uniform(-1, 1), c: space.uniform(-1, 1) }
  const rows = fanova(
    studyOf(dimensions, ({ a, b }) => numeric(a) * numeric(b), 1000),
    { pairs: true },
  )
  assert.deepEqual(rows[0]?.names, ['a', 'b'])
  assert.ok(of(rows, 'a', 'b') > 0.8, `a x b: ${of(rows, 'a', 'b')}`)
  assert.ok(of(rows, 'c') < 0.02)
})

test('permutation: what is of no use is near 0, what matters is not, and terms keep their order', () => {
  const rows = permutation(studyOf({ ...four, f: space.normal(0, 1) }, (at) => additive(at) + 0.5 * numeric(at.a), 500))
  for (const name of ['e', 'f']) assert.ok(Math.abs(of(rows, name)) < 0.02, `${name}: ${of(rows, name)}`)
  assert.equal(rows[0]?.names[0], 'a')
  assert.ok(of(rows, 'a') > 0.4 && of(rows, 'd') > 0.1)
})

const branches = {
  optimizer: space.choice(['sgd', 'adam']),
  momentum: space.when({ optimizer: 'sgd' }, space.uniform(0, 1)),
  beta: space.when({ optimizer: 'adam' }, space.uniform(0, 1)),
  kind: space.when({ optimizer: 'adam' }, space.choice(['p', 'q'])),
}

test('that a dimension counts is no merit of its own', () => {
  const study = studyOf(branches, ({ optimizer }) => (optimizer === 'sgd' ? 1 : 2), 300)
  assert.ok(of(fanova(study), 'optimizer') > 0.99)
  assert.ok(of(permutation(study), 'momentum') < 0.01)
})

test('a dimension matters where it counts', () => {
  const study = studyOf(branches, ({ beta }) => (beta === undefined ? 0.5 : numeric(beta)), 500)
  const rows = fanova(study, { pairs: true })
  // Half of it alone, and half with what says whether it counts.
  assert.ok(Math.abs(of(rows, 'beta') - 0.5) < 0.1 && Math.abs(of(rows, 'optimizer', 'beta') - 0.5) < 0.1)
  assert.ok(of(rows, 'momentum') < 0.02 && of(rows, 'kind') < 0.02)
  assert.equal(permutation(study)[0]?.names[0], 'beta')
})

test('the seed alone decides', () => {
  const study = studyOf(four, additive, 60)
  assert.deepEqual(fanova(study), fanova(study))
  assert.deepEqual(permutation(study), permutation(study))
  assert.notDeepEqual(fanova(study), fanova(study, { seed: 2 }))
})

test('the unit and the sign of the objective do not matter', () => {
  const study = studyOf(four, additive, 100)
  const other = studyOf(four, (at) => 3 - 1000 * additive(at), 100)
  for (const { names, importance } of fanova(study)) assert.ok(Math.abs(of(fanova(other), ...names) - importance) < 0.01, names.join())
})

test('each objective has its own', () => {
  const one = studyOf(four, additive, 200)
  const two: StudyRecord = {
    ...one,
    objectives: [...one.objectives, { metric: 'size', direction: 'minimize' }],
    trials: one.trials.map((trial) => ({ ...trial, values: [trial.values?.[0] as number, numeric(trial.assignment.e)] })),
  }
  assert.equal(fanova(two, { objective: 1 })[0]?.names[0], 'e')
  assert.throws(() => fanova(two, { objective: 2 }), { code: 'BAD_OPTION' })
})

test('only finished trials with a finite value inside the space count; one value is nothing to search', () => {
  const study = studyOf({ ...four, seed: space.fixed(7) }, additive, 60)
  const outside: StudyRecord = {
    ...study,
    trials: [
      ...study.trials,
      ...study.trials.map((trial) => ({ ...trial, state: 'pruned' as const, values: [1e9] })),
      ...study.trials.map((trial) => ({ ...trial, values: [Number.NaN] })),
      ...study.trials.map((trial) => ({ ...trial, assignment: { ...trial.assignment, a: 5 }, values: [1e9] })),
    ],
  }
  assert.deepEqual(fanova(outside), fanova(study))
  assert.equal(fanova(study).length, 5)
})

test('too few trials, and trials that are all alike, are told in words', () => {
  assert.throws(() => fanova(studyOf(four, additive, 9)), { code: 'IMPORTANCE_FEW', message: /'known' has 9 finished trials/ })
  assert.throws(() => fanova(studyOf(four, additive, 0)), { code: 'IMPORTANCE_FEW' })
  assert.throws(() => permutation(studyOf(four, () => 0.5, 20)), { code: 'IMPORTANCE_FLAT', message: /'loss', 0\.5/ })
  assert.equal(fanova(studyOf(four, additive, 10)).length, 5)
})

test('names of objects are names as others', () => {
  const dimensions = { toString: space.uniform(0, 1), constructor: space.uniform(0, 1) }
  const rows = fanova(studyOf(dimensions, (at) => numeric(at.constructor), 50))
  assert.equal(rows[0]?.names[0], 'constructor')
  assert.equal(rows.length, 2)
})

test('importances do not depend on how large or small the numbers of the objective are', () => {
  const of = (scale: number) =>
    studyOf({ a: space.uniform(-1, 1), b: space.choice(['x', 'y']) }, ({ a, b }) => scale * (numeric(a) + (b === 'x' ? 0.5 : 0)), 60)
  // Powers of two, but for the smallest numbers, which have few digits.
  for (const scale of [2 ** 1020, 2 ** -900]) {
    assert.deepEqual(fanova(of(scale)), fanova(of(1)))
    assert.deepEqual(permutation(of(scale)), permutation(of(1)))
  }
  for (const row of [...fanova(of(2 ** -1070)), ...permutation(of(2 ** -1070))]) assert.ok(Number.isFinite(row.importance + row.deviation))
})
