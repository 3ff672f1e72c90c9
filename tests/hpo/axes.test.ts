/** Axes agree with the kinds of dimensions: cells are where values change, centers stand inside them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assignmentOf, axesOf, unitsOf } from '../../src/hpo/axes.ts'
import { dimensions as d, kindOf, searchSpace } from '../../src/space/index.ts'
import fc from '../laws.ts'
import { dimension } from '../space/arbitrary.ts'

const unit = fc.double({ min: 0, max: 1, noNaN: true })

test('a cell has one value: that of its center, and of every number between its edges', () => {
  fc.assert(
    fc.property(dimension, unit, (one, u) => {
      const [axis] = axesOf(searchSpace({ one }))
      const { fromUnit, points, ordered } = kindOf(one)
      if (axis === undefined) return assert.equal(points(one)?.length, 1)
      if (axis.kind === 'real') return assert.ok(ordered && (points(one)?.length ?? Number.POSITIVE_INFINITY) > 2000)
      assert.equal(axis.kind, ordered ? 'grid' : 'list')
      assert.equal(axis.cells, points(one)?.length)
      const cell = axis.cellOf(u)
      const value = points(one)![cell]
      assert.equal(fromUnit(one, u), value)
      assert.equal(fromUnit(one, axis.center(cell)), value)
      assert.equal(axis.cellOf(axis.center(cell)), cell)
      assert.ok(axis.edge(cell) < axis.center(cell) && axis.center(cell) < axis.edge(cell + 1))
      assert.ok(axis.edge(cell) <= u + 1e-9 && u <= axis.edge(cell + 1) + 1e-9)
      assert.ok(Math.abs(axis.edge(0)) < 1e-12 && Math.abs(axis.edge(axis.cells) - 1) < 1e-12)
    }),
  )
})

test('values go to the axes and come back; what does not count, or is none of the dimension, is NaN', () => {
  const space = searchSpace({
    kind: d.choice(['none', 'some']),
    always: d.fixed(3),
    rate: d.when({ kind: 'some' }, d.logUniform(1e-3, 1)),
    layers: d.int(1, 4),
  })
  const axes = axesOf(space)
  assert.deepEqual(
    axes.map(({ name, place }) => [name, place]),
    space.names.flatMap((name, place) => (name === 'always' ? [] : [[name, place]])),
  )
  const some = { kind: 'some', always: 3, rate: 0.01, layers: 2 }
  const back = assignmentOf(space, axes, unitsOf(space, axes, some))
  assert.deepEqual({ ...back, rate: 0 }, { ...some, rate: 0 })
  assert.ok(Math.abs(Number(back.rate) - 0.01) < 1e-12)
  const missing = (assignment: Record<string, string | number>) => [...unitsOf(space, axes, assignment)].map(Number.isNaN)
  const at = (name: string) => axes.findIndex((axis) => axis.name === name)
  assert.ok(missing({ kind: 'none', always: 3, layers: 2 })[at('rate')])
  assert.deepEqual(missing({ kind: 'many', rate: 'fast', layers: 9 }), [true, true, true])
})
