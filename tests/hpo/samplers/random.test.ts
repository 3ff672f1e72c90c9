/** Random search draws as the space says, each trial for itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplers } from '../../../src/hpo/index.ts'
import { playStudy } from '../../../src/hpo/testing/play.ts'
import { dimensions as d, searchSpace } from '../../../src/space/index.ts'

test('values come as often as their dimensions say', () => {
  const space = searchSpace({ x: d.logUniform(1e-4, 1), z: d.normal(5, 2), c: d.choice(['a', 'b', 'c', 'd']), n: d.int(1, 4) })
  const { study } = playStudy({ sampler: samplers.random(), space, trials: 4000, objective: () => 0 })
  const all = study.trials.map(({ assignment }) => assignment)
  const share = (holds: (assignment: (typeof all)[number]) => boolean) => all.filter(holds).length / 4000
  for (const power of [-4, -3, -2, -1]) assert.ok(Math.abs(share(({ x }) => Math.floor(Math.log10(Number(x))) === power) - 0.25) < 0.03)
  for (const c of ['a', 'b', 'c', 'd']) assert.ok(Math.abs(share((one) => one.c === c) - 0.25) < 0.03)
  for (const n of [1, 2, 3, 4]) assert.ok(Math.abs(share((one) => one.n === n) - 0.25) < 0.03)
  assert.ok(Math.abs(share(({ z }) => Number(z) < 5) - 0.5) < 0.03)
  assert.ok(Math.abs(share(({ z }) => Math.abs(Number(z) - 5) < 2) - 0.6827) < 0.03)
})

test('a trial has its point whatever the workers, and whatever was found', () => {
  const space = searchSpace({ x: d.uniform(0, 1) })
  const points = (workers: number, loss: number) =>
    playStudy({ sampler: samplers.random(), space, trials: 30, workers, objective: () => loss }).study.trials.map(
      ({ assignment }) => assignment.x,
    )
  assert.deepEqual(points(7, 3), points(1, 0))
})
