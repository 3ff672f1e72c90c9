/** What trials tell: paired differences, their intervals, order, and honesty about what is missing. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type AblationTrial, type Estimate, estimate, planAblation, summarize } from '../../src/ablation/index.ts'
import fc from '../laws.ts'

const maximize = { metric: 'accuracy', direction: 'maximize' } as const
const done = (without: readonly string[], seed: number, accuracy: number): AblationTrial => ({
  without,
  seed,
  state: 'finished',
  metrics: { accuracy },
})
const near = (got: number | undefined, want: number) => assert.ok(got !== undefined && Math.abs(got - want) < 1e-9, `${got} is not ${want}`)

suite('summarize', () => {
  test('a table by hand: means, paired differences, the interval of three seeds', () => {
    const table = summarize(
      [
        ...[0.9, 0.8, 0.7].map((value, seed) => done([], seed, value)),
        ...[0.88, 0.77, 0.66].map((value, seed) => done(['feature:age'], seed, value)),
        ...[0.95, 0.85, 0.75].map((value, seed) => done(['layer:dropout'], seed, value)),
      ],
      maximize,
    )
    near(table.base.mean, 0.8)
    assert.deepEqual(
      table.rows.map(({ without }) => without),
      [['feature:age'], ['layer:dropout']],
    )
    const [age, dropout] = table.rows
    near(age?.mean, 0.77)
    near(age?.effect?.mean, 0.03)
    // 0.02, 0.03, 0.04: standard deviation 0.01, t of two degrees 4.3026527297
    const half = (4.3026527297 * 0.01) / Math.sqrt(3)
    near(age?.effect?.interval?.[0], 0.03 - half)
    near(age?.effect?.interval?.[1], 0.03 + half)
    assert.equal(age?.effect?.sure, true)
    near(dropout?.effect?.mean, -0.05)
    assert.equal(dropout?.effect?.seeds, 3)
  })

  test('what is paired away: a shift of a seed changes no effect; turning the direction turns its sign', () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 6 }), (seeds) => {
        const trials = (shift: number) =>
          seeds.flatMap(([base, without, own], seed) => [
            done([], seed, base + shift * own),
            done(['feature:a'], seed, without + shift * own),
          ])
        const [plain, shifted] = [0, 100].map((shift) => summarize(trials(shift), maximize).rows[0]?.effect)
        assert.ok(Math.abs((plain?.mean ?? 0) - (shifted?.mean ?? 1)) < 1e-9)
        const turned = summarize(trials(0), { metric: 'accuracy', direction: 'minimize' }).rows[0]?.effect
        near(turned?.mean, -(plain?.mean ?? 0))
        near(turned?.interval?.[0] ?? 0, -(plain?.interval?.[1] ?? 0))
        assert.equal(turned?.sure, plain?.sure)
      }),
    )
  })

  test('one seed has no interval and is never sure', () => {
    const { rows } = summarize([done([], 4, 0.9), done(['feature:a'], 4, 0.1)], maximize)
    assert.deepEqual(rows[0]?.effect, { mean: 0.8, seeds: 1, sure: false })
    assert.equal(estimate([]), undefined)
  })

  test('sure means that the interval excludes zero', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 2, maxLength: 9 }), (values) => {
        const found = estimate(values)
        assert.ok(found?.interval)
        const [low, high] = found.interval
        assert.ok(low <= found.mean && found.mean <= high)
        assert.equal(found.sure, low > 0 || high < 0)
      }),
    )
    assert.deepEqual(estimate([0, 0, 0]), { mean: 0, seeds: 3, interval: [0, 0], sure: false })
  })

  test('a 95 % interval holds the truth in about 95 of 100 cases', () => {
    // Sums of 12 uniforms are as good as normal; a generator of its own keeps the draws the same for ever.
    let state = 12345
    const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647
    const normal = () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, -6)
    let held = 0
    for (let i = 0; i < 2000; i++) {
      const [low, high] = (estimate(Array.from({ length: 4 }, () => 0.3 + normal())) as Estimate).interval as [number, number]
      if (low <= 0.3 && 0.3 <= high) held++
    }
    assert.ok(held > 1870 && held < 1930, `${held} of 2000`)
  })

  test('pairs: what both do beyond the sum of each alone, seed by seed', () => {
    const values = (without: string[], list: number[]) => list.map((value, seed) => done(without, seed, value))
    const { rows } = summarize(
      [
        ...values([], [1, 1, 1]),
        ...values(['feature:a'], [0.9, 0.8, 0.9]),
        ...values(['feature:b'], [0.9, 0.9, 0.9]),
        ...values(['feature:b', 'feature:a'], [0.5, 0.5]),
      ],
      maximize,
    )
    const pair = rows.find(({ without }) => without.length === 2)
    near(pair?.effect?.mean, 0.5)
    near(pair?.interaction?.mean, (0.3 + 0.2) / 2)
    assert.equal(pair?.interaction?.seeds, 2)
    assert.equal(rows[0], pair, 'the largest effect is first')
    assert.ok(rows.filter((row) => row !== pair).every((row) => row.interaction === undefined))
  })

  test('failed, open and unpaired seeds are told, and count for nothing', () => {
    const table = summarize(
      [
        done([], 0, 0.9),
        { seed: 1, state: 'failed', metrics: {}, error: { message: 'The loss became NaN.' } },
        done([], 2, 0.8),
        done(['feature:a'], 0, 0.7),
        done(['feature:a'], 1, 0.1),
        { without: ['feature:a'], seed: 2, state: 'lost', metrics: { accuracy: 0.3 } },
        { without: ['feature:b'], seed: 0, state: 'finished', metrics: { loss: 1 } },
        { without: ['feature:b'], seed: 1, state: 'finished', metrics: { accuracy: Number.NaN } },
        { without: ['feature:b'], seed: 2, state: 'running', metrics: { accuracy: 0.5 } },
      ],
      maximize,
    )
    assert.deepEqual(table.base.failed, [{ seed: 1, reason: 'The loss became NaN.' }])
    const [a, b] = table.rows
    near(a?.effect?.mean, 0.2)
    assert.deepEqual([a?.effect?.seeds, a?.failed, a?.unpaired], [1, [{ seed: 2, reason: 'it was lost' }], [1]])
    assert.deepEqual(b, {
      without: ['feature:b'],
      values: [],
      failed: [
        { seed: 0, reason: "it reported no 'accuracy'" },
        { seed: 1, reason: 'its accuracy is NaN' },
      ],
      open: [2],
      unpaired: [],
    })
    assert.deepEqual(summarize([], maximize), { objective: maximize, base: { values: [], failed: [], open: [] }, rows: [] })
  })

  test('a trial that was run again counts once', () => {
    const again: AblationTrial = { seed: 0, state: 'failed', metrics: {} }
    const { base } = summarize([again, done([], 0, 0.5), done([], 0, 0.6), again], maximize)
    assert.deepEqual(base, { mean: 0.6, values: [{ seed: 0, value: 0.6 }], failed: [], open: [] })
  })

  test('rows come by effect, whatever the order of trials', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 8 }), fc.nat(), (effects, turn) => {
        const trials = [done([], 0, 100), ...effects.map((effect) => done([`feature:f${effect}`], 0, 100 - effect))]
        const turned = trials.map((_, i) => trials[(i + turn) % trials.length] as AblationTrial)
        const { rows } = summarize(turned, maximize)
        assert.deepEqual(
          rows.map(({ effect }) => effect?.mean),
          [...effects].sort((a, b) => b - a),
        )
      }),
    )
  })
})

suite('plan', () => {
  test('base trials first, then each component with each seed, the first seed of all before the second', () => {
    assert.deepEqual(planAblation({ components: ['feature:a', 'layer:b'], seeds: [3, 5] }), [
      { without: [], seed: 3 },
      { without: [], seed: 5 },
      { without: ['feature:a'], seed: 3 },
      { without: ['layer:b'], seed: 3 },
      { without: ['feature:a'], seed: 5 },
      { without: ['layer:b'], seed: 5 },
    ])
  })

  test('every trial is there once', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^(feature|layer|own):[a-e]$/), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(names, fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 4 }), fc.boolean(), (components, seeds, pairs) => {
        const trials = planAblation({ components, seeds, pairs })
        const n = components.length
        assert.equal(trials.length, seeds.length * (1 + n + (pairs ? (n * (n - 1)) / 2 : 0)))
        assert.equal(new Set(trials.map((trial) => JSON.stringify(trial))).size, trials.length)
      }),
    )
  })

  test('named pairs bring their components; one inside the other is no pair', () => {
    const wanted = [
      ['feature:a', 'layer:c'],
      ['layer:c', 'feature:a'],
      ['layer:block1', 'layer:block*'],
      ['layer:block1', 'layer:block1.norm'],
      ['feature:a+b', 'feature:b'],
      ['feature:a', 'own:a'],
    ] as const
    const trials = planAblation({ components: [], pairs: wanted, seeds: [0] })
    assert.deepEqual(
      trials.filter(({ without }) => without.length === 2).map(({ without }) => without),
      [['feature:a', 'layer:c'], ['feature:a', 'own:a']], // biome-ignore format: one line
    )
    assert.equal(trials.filter(({ without }) => without.length === 1).length, 8)
  })

  test('refused: nothing, no kind, no seeds, a seed twice', () => {
    assert.throws(() => planAblation({ components: [], seeds: [0] }), { code: 'ABLATION_NOTHING' })
    assert.throws(() => planAblation({ components: ['age'], seeds: [0] }), { code: 'ABLATION_SYNTAX', message: /'age'/ })
    for (const seeds of [[], [1, 1], [0.5]]) assert.throws(() => planAblation({ components: ['own:a'], seeds }), { code: 'BAD_OPTION' })
  })
})
