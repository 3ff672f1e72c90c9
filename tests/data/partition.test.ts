import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { type PartitionSpec, type Table, table } from '../../src/data/index.ts'
import fc from '../laws.ts'
import { numbers, says } from './helpers.ts'

function labelled(rows: number, classes: number): Table {
  return table(
    { id: Int32Array.from({ length: rows }, (_, i) => i), y: Int32Array.from({ length: rows }, (_, i) => (i * 7) % classes) },
    { target: 'y' },
  )
}
const ids = (of: Table) => numbers(of, 'id')

const specs = fc.oneof(
  fc.record({ kind: fc.constant('iid' as const), clients: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    kind: fc.constant('dirichlet' as const),
    clients: fc.integer({ min: 1, max: 6 }),
    alpha: fc.constantFrom(0.3, 0.5, 1, 10, 1000),
    minimum: fc.constantFrom(0, 1),
  }),
  fc.record({
    kind: fc.constant('byLabel' as const),
    clients: fc.integer({ min: 5, max: 12 }),
    labelsPerClient: fc.integer({ min: 1, max: 5 }),
  }),
)

test('every partition gives each row to exactly one client, the same by the same chance', () => {
  fc.assert(
    fc.property(specs, fc.integer({ min: 100, max: 400 }), fc.integer(), (spec, rows, seed) => {
      const parts = labelled(rows, 5).partition(spec as PartitionSpec, random(seed))
      assert.equal(parts.length, spec.clients)
      const all = parts.flatMap(ids).sort((a, b) => a - b)
      assert.deepEqual(
        all,
        Array.from({ length: rows }, (_, i) => i),
      )
      const again = labelled(rows, 5).partition(spec as PartitionSpec, random(seed))
      assert.deepEqual(again.map(ids), parts.map(ids))
    }),
  )
})

test('iid sizes differ by at most one', () => {
  const lengths = labelled(103, 5)
    .partition({ kind: 'iid', clients: 4 }, random(0))
    .map((part) => part.length)
  assert.deepEqual(lengths.sort(), [25, 26, 26, 26])
})

test('byLabel: no client sees more than its number of labels, and all of them are shared equally', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 30 }), fc.integer({ min: 1, max: 10 }), fc.integer(), (clients, labelsPerClient, seed) => {
      const t = labelled(2000, 10)
      for (const part of t.partition({ kind: 'byLabel', clients, labelsPerClient }, random(seed)))
        assert.ok(new Set(part.columns.y?.data as Int32Array).size <= labelsPerClient)
    }),
    { numRuns: 30 },
  )
  assert.throws(
    () => labelled(100, 10).partition({ kind: 'byLabel', clients: 4, labelsPerClient: 2 }, random(0)),
    says('DATA_SPLIT', '10 labels'),
  )
})

test('dirichlet: a large alpha is nearly iid, a small one leaves few labels', () => {
  const t = labelled(10_000, 10)
  /** Mean over clients of the largest label's share. */
  const skew = (alpha: number) => {
    const parts = t.partition({ kind: 'dirichlet', clients: 10, alpha }, random('skew'))
    return parts.reduce((sum, part) => sum + Math.max(...part.classCounts()) / part.length, 0) / parts.length
  }
  assert.ok(skew(10_000) < 0.13, `${skew(10_000)}`)
  assert.ok(skew(0.05) > 0.5, `${skew(0.05)}`)
  assert.throws(() => t.partition({ kind: 'dirichlet', clients: 3, alpha: 0 }, random(0)), says('BAD_OPTION', 'alpha'))
  assert.throws(() => t.slice(0, 4).partition({ kind: 'dirichlet', clients: 5, alpha: 1 }, random(0)), says('DATA_SPLIT'))
})

test('unknown partitions are refused', () => {
  assert.throws(() => labelled(10, 2).partition({ kind: 'dirichlett' } as never, random(0)), says('UNKNOWN_KIND', 'dirichlet'))
  assert.throws(() => labelled(10, 2).partition({ kind: '__proto__' } as never, random(0)), says('UNKNOWN_KIND'))
  assert.throws(() => labelled(10, 2).partition({ kind: 'iid', client: 2 } as never, random(0)), says('UNKNOWN_OPTION', 'clients'))
})
