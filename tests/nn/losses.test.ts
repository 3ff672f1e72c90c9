import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build } from '../../src/core/registry.ts'
import { graphOf, input, optimize, print, runtimes } from '../../src/graph/index.ts'
import { type Loss, losses } from '../../src/nn/index.ts'
import { tensor } from '../../src/tensor/index.ts'
import fc from '../laws.ts'
import { distance, lossOf, type Numbers, vectors } from './run.ts'

interface Case {
  readonly kind: string
  readonly options: object
  readonly output: Numbers
  readonly target: Numbers
  readonly loss: number
  readonly grad: Numbers
}

const cases = vectors<Case>('losses')
const make = (kind: string, options: object = {}) => build<Loss>('loss', losses, { kind, ...options })

describe('every loss and its gradient equal PyTorch', () => {
  for (const [i, { kind, options, output, target, loss, grad }] of cases.entries()) {
    test(`${i}: ${kind} ${JSON.stringify(options)} on [${output.shape}]`, async () => {
      const found = await lossOf(make(kind, options), output, target)
      assert.ok(Math.abs(found.loss - loss) < 1e-7, `${found.loss} instead of ${loss}`)
      assert.ok(distance(found.grad, grad.data) < 1e-7, `${found.grad} instead of ${grad.data}`)
    })
  }

  test('every kind of the registry is among the stored ones', () => {
    assert.deepEqual([...new Set(cases.map(({ kind }) => kind))].sort(), Object.keys(losses).sort())
  })
})

describe('laws of every loss', () => {
  const examples = Object.keys(losses).map((kind) => cases.find((found) => found.kind === kind)!)
  for (const { kind, output, target } of examples) {
    test(`${kind}: the loss of a short batch is the mean over its own examples`, async () => {
      const take = (x: Numbers, from: number, to: number): Numbers => {
        const row = x.data.length / x.shape[0]!
        return { ...x, shape: [to - from, ...x.shape.slice(1)], data: x.data.slice(from * row, to * row) }
      }
      const n = output.shape[0]!
      const part = async (from: number, to: number) => (await lossOf(make(kind), take(output, from, to), take(target, from, to))).loss
      const whole = await part(0, n)
      assert.ok(Math.abs(whole - ((await part(0, 3)) * 3 + (await part(3, n)) * (n - 3)) / n) < 1e-12)
    })

    test(`${kind}: onnxruntime gives what the reference gives`, async () => {
      const [x, y] = [
        input('x', 'float32', ['batch', ...output.shape.slice(1)]),
        input('y', target.dtype!, ['batch', ...target.shape.slice(1)]),
      ]
      const graph = optimize(graphOf('loss', { loss: make(kind).apply(x, y) }, [x, y]))
      const executable = await runtimes.onnxruntime().compile(graph)
      const feeds = { x: tensor('float32', output.shape, output.data), y: tensor(target.dtype!, target.shape, target.data) }
      const got = (await executable.run(feeds)).loss!.data[0] as number
      const want = (await lossOf(make(kind), output, target)).loss
      assert.ok(Math.abs(got - want) < 1e-5 * Math.max(1, want), `${got} instead of ${want}`)
      await executable.release()
    })

    test(`${kind}: refuses misspelt options and targets that do not fit, naming itself`, () => {
      assert.throws(() => make(kind, { weigths: 1 }), { code: 'UNKNOWN_OPTION', message: new RegExp(kind) })
      const [x, y] = [input('x', 'float32', ['batch', 4]), input('y', target.dtype!, ['batch', 5])]
      assert.throws(() => make(kind).apply(x, y), { code: 'SHAPE_MISMATCH', message: new RegExp(`${kind} got float32\\[batch, 4\\] and`) })
    })
  }

  test('cross-entropy of equal logits is log(classes), whatever the labels', async () => {
    const labels = fc.array(fc.nat(4), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(labels, fc.double({ min: -1e4, max: 1e4, noNaN: true }), async (y, level) => {
        const output = { shape: [y.length, 5], data: new Array(y.length * 5).fill(level) }
        const { loss } = await lossOf(losses.crossEntropy(), output, { shape: [y.length], data: y, dtype: 'int32' })
        assert.ok(Math.abs(loss - Math.log(5)) < 1e-9)
      }),
      { numRuns: 30 },
    )
  })

  test('the gradient of cross-entropy to the logits sums to 0 over classes', async () => {
    const { output, target } = cases.find(({ kind }) => kind === 'crossEntropy')!
    const { grad } = await lossOf(losses.crossEntropy({ labelSmoothing: 0.3 }), output, target)
    for (let row = 0; row < 5; row++) assert.ok(Math.abs(grad.slice(row * 4, row * 4 + 4).reduce((a, b) => a + b)) < 1e-12)
  })

  test('targets [batch] fit outputs [batch, 1]', async () => {
    const a = await lossOf(
      losses.binaryCrossEntropy(),
      { shape: [3, 1], data: [1, -2, 0.5] },
      { shape: [3], data: [1, 0, 1], dtype: 'int32' },
    )
    const b = await lossOf(losses.binaryCrossEntropy(), { shape: [3], data: [1, -2, 0.5] }, { shape: [3], data: [1, 0, 1] })
    assert.equal(a.loss, b.loss)
  })

  test('wrong class weights are refused', () => {
    assert.throws(() => losses.crossEntropy({ weights: [1, -1] }), { code: 'BAD_OPTION', message: /weights/ })
    const [x, y] = [input('x', 'float32', ['batch', 4]), input('y', 'int32', ['batch'])]
    assert.throws(() => losses.crossEntropy({ weights: [1, 2] }).apply(x, y), { code: 'BAD_OPTION', message: /4 numbers/ })
    assert.throws(() => losses.crossEntropy({ labelSmoothing: 2 }), { code: 'BAD_OPTION', message: /labelSmoothing/ })
    assert.match(print(graphOf('g', { loss: losses.crossEntropy().apply(x, y) })), /return loss/)
  })
})
