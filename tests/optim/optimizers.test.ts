import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build } from '../../src/core/registry.ts'
import { optimize, print, runtimes } from '../../src/graph/index.ts'
import { type Optimizer, optimizers } from '../../src/optim/index.ts'
import { tensor } from '../../src/tensor/index.ts'
import { follow, updateGraph } from './run.ts'
import { vectors } from './vectors.ts'

interface Case {
  readonly kind: string
  readonly options: object
  /** The parameter after each of `steps`. */
  readonly params: readonly (readonly number[])[]
}

const { start, steps, cases } = vectors<{ start: number[]; steps: number[]; cases: Case[] }>('optimizers')
const last = Math.max(...steps)

/** The formula of scripts/optimizer-vectors.py. */
const gradient = (p: readonly number[], step: number) =>
  p.map((x, i) => (0.3 + 0.2 * i) * x - (0.5 - 0.1 * i) + 0.5 * Math.sin(i + step / 3))

const make = (kind: string, options: object = {}) => build<Optimizer>('optimizer', optimizers, { kind, ...options })

describe('every optimizer equals PyTorch over 100 steps', () => {
  for (const { kind, options, params } of cases) {
    test(`${kind} ${JSON.stringify(options)}`, async () => {
      const path = await follow(make(kind, options), start, gradient, last)
      steps.forEach((step, k) => {
        params[k]!.forEach((want, i) => {
          const got = path[step - 1]![i]!
          assert.ok(Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want)), `step ${step}, element ${i}: ${got} instead of ${want}`)
        })
      })
    })
  }

  test('every kind of the registry is among the stored ones', () => {
    assert.deepEqual([...new Set(cases.map(({ kind }) => kind))].sort(), Object.keys(optimizers).sort())
  })
})

describe('laws of every optimizer', () => {
  for (const kind of Object.keys(optimizers)) {
    test(`${kind}: finds the minimum of a parabola`, async () => {
      const path = await follow(make(kind, { learningRate: 0.05 }), [0.9, 0], (p) => p.map((x) => 2 * (x - 0.5)), 600)
      for (const x of path.at(-1)!) assert.ok(Math.abs(x - 0.5) < 0.15, `${kind} ended at ${x}`)
    })

    test(`${kind}: elements do not see each other`, async () => {
      const both = await follow(make(kind), [0.3, -1.5], gradient, 5)
      const alone = await follow(make(kind), [0.3], gradient, 5)
      both.forEach((params, step) => void assert.equal(params[0], alone[step]![0]))
    })

    test(`${kind}: its kind is its name, its state has the names of init`, () => {
      const optimizer = make(kind)
      assert.equal(optimizer.kind, kind)
      const outputs = Object.keys(updateGraph(optimizer, 2).outputs)
      assert.deepEqual(outputs.sort(), ['next.param', ...Object.keys(optimizer.init()).map((name) => `next.state.${name}`)].sort())
    })

    test(`${kind}: float32 on onnxruntime follows float64 on the reference`, async () => {
      const executable = await runtimes.onnxruntime().compile(optimize(updateGraph(make(kind), 3, 'float32')))
      const wide = await runtimes.reference({ precision: 'float64' }).compile(updateGraph(make(kind), 3))
      const state = Object.entries(make(kind).init())
      for (const step of [1, 2, 1000]) {
        const feeds = (dtype: 'float32' | 'float64') => ({
          param: tensor(dtype, [3], [0.5, -1, 2]),
          grad: tensor(dtype, [3], [0.25, -3, 0.125]),
          rate: tensor(dtype, [], [0.0625]),
          step: tensor(dtype, [], [step]),
          ...Object.fromEntries(state.map(([name]) => [`state.${name}`, tensor(dtype, [3], [0.5, 0.25, 2])])),
        })
        const got = await executable.run(feeds('float32'))
        const want = await wide.run(feeds('float64'))
        for (const [name, { data }] of Object.entries(want)) {
          data.forEach((x, i) => {
            const y = got[name]!.data[i] as number
            assert.ok(Math.abs(y - Number(x)) <= 1e-6 * Math.max(1, Math.abs(Number(x))), `${name}[${i}] at step ${step}: ${y}, not ${x}`)
          })
        }
      }
      await executable.release()
    })

    test(`${kind}: refuses what it does not know, and rates that are none`, () => {
      assert.throws(() => make(kind, { learningrate: 1 }), { code: 'UNKNOWN_OPTION', message: /learningRate/ })
      for (const learningRate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '0.1'])
        assert.throws(() => make(kind, { learningRate }), { code: 'BAD_OPTION', message: /learningRate/ })
      assert.throws(() => make(kind, { clipNorm: 0 }), { code: 'BAD_OPTION', message: /clipNorm/ })
    })
  }

  test('seeded gives what update gives', async () => {
    for (const options of [{}, { weightDecay: 0.1 }]) {
      const feeds = {
        param: tensor('float64', [2], [1, -2]),
        rate: tensor('float64', [], [0.1]),
        step: tensor('float64', [], [1]),
      }
      const run = async (seeded: boolean, grad: number[]) => {
        const graph = updateGraph(optimizers.sgd(options), 2, 'float64', seeded)
        const executable = await runtimes.reference({ precision: 'float64' }).compile(graph)
        return (await executable.run({ ...feeds, grad: tensor('float64', [2], grad) }))['next.param']!.data as Float64Array
      }
      const [one, two] = [await run(false, [0.5, 3]), await run(true, [-0.05, -0.3])]
      one.forEach((x, i) => void assert.ok(Math.abs(x - two[i]!) < 1e-15))
    }
    assert.equal(optimizers.sgd({ momentum: 0.9 }).seeded, undefined)
  })

  test('nesterov needs a momentum and no dampening, as in PyTorch', () => {
    assert.throws(() => optimizers.sgd({ nesterov: true }), { code: 'BAD_OPTION' })
    assert.throws(() => optimizers.sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 }), { code: 'BAD_OPTION' })
  })
})

describe('passes over memory: nodes of the size of the parameter in one update', () => {
  const most = { sgd: 2, momentum: 4, nesterov: 6, adagrad: 7, lion: 7, rmsprop: 8, adam: 10, adamW: 11 }
  for (const [kind, count] of Object.entries(most)) {
    test(`${kind}: ${count}`, () => {
      const lines = print(optimize(updateGraph(make(kind), 64, 'float32'))).split('\n')
      assert.equal(lines.filter((line) => line.includes(' = ') && line.includes('float32[64]')).length, count, lines.join('\n'))
    })
  }
})
