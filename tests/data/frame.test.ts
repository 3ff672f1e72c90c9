import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyEncoding, type Column, type Encoding, frame, type Table, typesOf } from '../../src/data/index.ts'
import fc from '../laws.ts'
import { numbers, says } from './helpers.ts'

const people = frame(
  {
    age: [20, 40, null, 60],
    city: ['Oslo', 'Bergen', 'Oslo', undefined],
    note: { kind: 'text', data: ['a b', 'b', undefined, 'c b'] },
    member: ['no', 'yes', 'yes', 'no'],
  },
  'people',
)

test('a frame is read by rows and cut by rows and columns', () => {
  assert.deepEqual(people.types, { age: 'numeric', city: 'categorical', note: 'text', member: 'categorical' })
  assert.deepEqual(people.row(2), { age: undefined, city: 'Oslo', note: undefined, member: 'yes' })
  assert.deepEqual(people.take([3, 0]).row(0), people.row(3))
  assert.equal(people.dropMissing().length, 2)
  assert.equal(people.dropMissing('age').length, 3)
  assert.deepEqual(Object.keys(people.select('age', 'city').without('city').columns), ['age'])
  assert.equal(people.filter((row) => row.city === 'Oslo').length, 2)
  assert.equal(people.with('young', (row) => (row.age as number) < 30).row(0).young, 'true')
  const { train, test: held } = people.split({ test: 2, stratify: 'member', seed: 1 })
  assert.deepEqual(held.columns.member?.data.length, 2)
  assert.equal(new Set(Array.from(held.columns.member?.data as Int32Array)).size, 2)
  assert.deepEqual(
    train
      .concat(held)
      .filter((row) => row.age === 40)
      .row(0),
    people.row(1),
  )
  assert.throws(() => people.select('name'), says('COLUMN_UNKNOWN', "'people'", "'name'"))
  assert.throws(() => frame({ a: [1], b: [1, 2] }), says('COLUMN_LENGTH', "'b'"))
})

test('numbers are standardized, filled and indicated; categories become one feature each', () => {
  const t = people.dataset({ target: 'member', encode: { missing: 'indicate' } })
  assert.deepEqual(t.fields.x?.names, ['age', 'age=?', 'city=Bergen', 'city=Oslo', 'city=?'])
  const root = Math.sqrt(800 / 3)
  const rows = [[-20 / root, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0], [20 / root, 0, 0, 0, 1]] // biome-ignore format: one line
  assert.deepEqual(numbers(t, 'x'), rows.flat().map(Math.fround))
  assert.deepEqual([t.fields.y?.classes, numbers(t, 'y')], [['no', 'yes'], [0, 1, 1, 0]]) // biome-ignore format: one line
  assert.deepEqual(t.without('age').fields.x?.names, ['city=Bergen', 'city=Oslo', 'city=?'])
  assert.deepEqual(
    t.without('age').encoding?.features.map(({ column }) => column),
    ['city'],
  )
  assert.equal(t.without('city=Oslo').encoding, undefined)
})

test('missing numbers stay NaN where they are kept, also by an encoding from a file', () => {
  const valuesOf = ({ columns }: Table, key: string) => Array.from((columns[key] as Column).data, Number)
  const people = frame({ age: [20, null, 40], job: ['cook', null, 'nurse'], rich: ['no', 'yes', 'no'] })
  const set = people.dataset({ target: 'rich', encode: { numeric: 'none', categorical: 'codes', missing: 'keep' } })
  assert.deepEqual(valuesOf(set, 'x'), [20, Number.NaN, 40])
  assert.deepEqual(valuesOf(set, 'categories'), [0, 2, 1])
  const again = people.dataset({ encoding: JSON.parse(JSON.stringify(set.encoding)) })
  assert.deepEqual(again.columns, set.columns)
  assert.deepEqual(
    valuesOf(
      again.map((row) => row),
      'x',
    ),
    [20, Number.NaN, 40],
  )
  const scaled = people.dataset({ target: 'rich', encode: { missing: 'keep' } })
  assert.deepEqual(valuesOf(scaled.select('age'), 'x'), [-1, Number.NaN, 1])
  assert.throws(() => people.dataset({ target: 'rich', encode: { missing: 'kept' as never } }), { code: 'BAD_OPTION', message: /'keep'/ })
})

test('categories as numbers, as codes for embeddings, and text', () => {
  const ordinal = people.dataset({ target: 'member', features: ['city'], encode: { categorical: 'ordinal' } })
  assert.deepEqual(numbers(ordinal, 'x'), [1, 0, 1, 2])
  const codes = people.dataset({ target: 'member', features: ['age', 'city'], encode: { categorical: 'codes', numeric: 'none' } })
  assert.deepEqual([codes.inputs, codes.fields.categories], [['x', 'categories'], { dtype: 'int32', shape: [1], names: ['city'] }]) // biome-ignore format: one line
  assert.deepEqual(numbers(codes, 'categories'), [1, 0, 1, 2])
  const text = people.dataset({ target: 'member', features: ['note'], encode: { text: { length: 3 } } })
  assert.deepEqual([text.inputs, text.fields.x?.shape], [['x'], [3]])
  assert.deepEqual(numbers(text, 'x'), [3, 2, 0, 2, 0, 0, 0, 0, 0, 4, 2, 0])
  assert.throws(() => people.dataset({ target: 'member', features: ['note'] }), says('BAD_OPTION', 'encode.text', "'note'"))
})

test('targets: labels or quantities', () => {
  const target = (y: (number | string | null)[], task?: 'classification' | 'regression') =>
    frame({ x: y.map((_, i) => i), y }, 'f').dataset({ target: 'y', ...(task === undefined ? {} : { task }) })
  assert.deepEqual(target([0, 1, 2, 1]).fields.y, { dtype: 'int32', shape: [], classes: ['0', '1', '2'] })
  assert.equal(target([1.5, 2]).fields.y?.dtype, 'float32')
  assert.equal(target([17, 30]).fields.y?.dtype, 'float32')
  assert.deepEqual(numbers(target([17, 30, 17], 'classification'), 'y'), [0, 1, 0])
  assert.deepEqual(numbers(target([0, 1], 'regression'), 'y'), [0, 1])
  assert.equal(target([0, 1], 'regression').fields.y?.dtype, 'float32')
  assert.equal(target(Array.from({ length: 50 }, (_, i) => i)).fields.y?.dtype, 'float32')
  assert.throws(() => target(['a', 'b'], 'regression'), says('BAD_OPTION', "'a'"))
  assert.throws(() => target([1, null]), says('VALUE_MISSING', 'row 2', "'y'"))
  const ordered = frame({ x: [1, 2], y: ['no', 'yes'] }).dataset({ target: 'y', classes: ['yes', 'no'] })
  assert.deepEqual(numbers(ordered, 'y'), [1, 0])
})

test('an encoding is plain data that makes of other rows what it would have made of them then', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          n: fc.option(fc.integer({ min: -99, max: 99 })),
          c: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
          y: fc.constantFrom('p', 'q'),
        }),
        { minLength: 4, maxLength: 40 },
      ),
      fc.constantFrom('oneHot', 'ordinal', 'codes'),
      fc.constantFrom('impute', 'indicate'),
      (rows, categorical, missing) => {
        const f = frame({
          n: rows.map((r) => r.n),
          c: { ...frame({ c: ['', ...rows.map((r) => r.c)] }).slice(1).columns.c },
          y: rows.map((r) => r.y),
        } as never)
        const all = f.dataset({ target: 'y', encode: { categorical, missing } })
        const encoding = JSON.parse(JSON.stringify(all.encoding)) as Encoding
        const part = f.slice(1, 3)
        const made = applyEncoding(part, encoding)
        assert.deepEqual(made.fields, all.fields)
        for (const key of Object.keys(all.fields)) assert.deepEqual(numbers(made, key), numbers(all.slice(1, 3), key))
      },
    ),
  )
})

test('unknown categories are zeros or the number after the last; unknown labels and columns are told', () => {
  const train = frame({ c: ['a', 'b', 'a'], n: [1, 2, 3], y: ['p', 'q', 'p'] }, 'train')
  const oneHot = train.dataset({ target: 'y', features: ['c'] }).encoding as Encoding
  const other = frame({ c: ['z', 'b'], n: [1, null] }, 'other')
  assert.deepEqual(numbers(applyEncoding(other, oneHot), 'x'), [0, 0, 0, 1])
  assert.deepEqual(applyEncoding(other, oneHot).target, undefined)
  const ordinal = train.dataset({ target: 'y', features: ['c'], encode: { categorical: 'ordinal' } }).encoding as Encoding
  assert.deepEqual(numbers(other.dataset({ encoding: ordinal }), 'x'), [2, 1])
  const both = train.dataset({ target: 'y' }).encoding as Encoding
  assert.throws(
    () => applyEncoding(frame({ n: ['x', 'y'] }, 'new'), both),
    says('COLUMNS_MISMATCH', "'new'", "'c' is missing", "'n' is categorical"),
  )
  assert.throws(() => applyEncoding(frame({ c: ['a'], n: [1], y: ['r'] }, 'new'), both), says('LABEL_UNKNOWN', 'row 1', "'r'", 'p, q'))
  const strict = train.dataset({ target: 'y', encode: { missing: 'error' } }).encoding as Encoding
  assert.throws(() => applyEncoding(other, strict), says('VALUE_MISSING', 'row 2', "'n'"))
  assert.throws(() => people.dataset({ target: 'member', encode: { missing: 'error' } }), says('VALUE_MISSING', 'row 3', "'age'"))
  assert.deepEqual(typesOf(both), { c: 'categorical', n: 'numeric', y: 'categorical' })
})
