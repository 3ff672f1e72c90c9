import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build } from '../../src/core/registry.ts'
import { type Schedule, schedules } from '../../src/optim/index.ts'
import fc from '../laws.ts'
import { vectors } from './vectors.ts'

interface Case {
  readonly kind: string
  readonly options: { readonly next?: { readonly kind: string } }
  readonly total: number | null
  readonly rates: readonly number[]
}

const make = ({ kind, options }: Pick<Case, 'kind' | 'options'>): Schedule =>
  build('schedule', schedules, {
    kind,
    ...options,
    ...(options.next && { next: build<Schedule>('schedule', schedules, options.next) }),
  })

describe('every schedule equals PyTorch', () => {
  for (const { kind, options, total, rates } of vectors<{ cases: Case[] }>('schedules').cases) {
    test(`${kind} ${JSON.stringify(options)}`, () => {
      const schedule = make({ kind, options })
      rates.forEach((want, step) => {
        const got = schedule.at(step, total ?? undefined)
        assert.ok(Math.abs(got - want) <= 1e-9, `step ${step}: ${got} instead of ${want}`)
      })
    })
  }
})

const examples: Record<keyof typeof schedules, Schedule> = {
  constant: schedules.constant({ learningRate: 0.1 }),
  cosine: schedules.cosine({ learningRate: 0.1, minimum: 0.01 }),
  exponential: schedules.exponential({ learningRate: 0.1, factor: 0.99 }),
  linear: schedules.linear({ from: 0.1, to: 0 }),
  oneCycle: schedules.oneCycle({ learningRate: 0.1 }),
  piecewise: schedules.piecewise({ boundaries: [3, 10], rates: [0.1, 0.05, 0.01] }),
  step: schedules.step({ learningRate: 0.1, every: 5 }),
  warmUp: schedules.warmUp({ steps: 10, next: schedules.cosine({ learningRate: 0.1 }) }),
}

describe('laws of every schedule', () => {
  for (const [kind, schedule] of Object.entries(examples)) {
    test(`${kind}: pure, and between 0 and its highest rate, also past the end`, () => {
      assert.equal(schedule.kind, kind)
      fc.assert(
        fc.property(fc.nat(300), fc.integer({ min: 1, max: 200 }), (step, total) => {
          const rate = schedule.at(step, total)
          assert.ok(rate >= 0 && rate <= 0.1 + 1e-12, `${rate}`)
          assert.equal(schedule.at(step, total), rate)
        }),
      )
    })
  }

  test('those that need a length say so', () => {
    for (const kind of ['cosine', 'linear', 'oneCycle'] as const)
      assert.throws(() => examples[kind].at(0, undefined), { code: 'BAD_OPTION', message: /'steps'/ })
  })

  test('misspelt options and wrong values are refused', () => {
    for (const kind of Object.keys(schedules))
      assert.throws(() => build('schedule', schedules, { kind, stepps: 3 } as never), { code: 'UNKNOWN_OPTION' })
    assert.throws(() => schedules.piecewise({ boundaries: [5, 5], rates: [1, 2, 3] }), { code: 'BAD_OPTION', message: /boundaries/ })
    assert.throws(() => schedules.piecewise({ boundaries: [5], rates: [1] }), { code: 'BAD_OPTION', message: /2 rates/ })
    assert.throws(() => schedules.warmUp({ steps: 0, next: 0.1 }), { code: 'BAD_OPTION', message: /steps/ })
    assert.throws(() => schedules.step({ learningRate: 0.1, every: 1.5 }), { code: 'BAD_OPTION', message: /every/ })
  })
})
