import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { realClock } from '../../../src/core/clock.ts'
import type { Json } from '../../../src/core/json.ts'
import type { FromDriver, FromWorker } from '../../../src/hpo/index.ts'
import { readFromWorker } from '../../../src/hpo/protocol.ts'
import { transports } from '../../../src/net/index.ts'
import { serve } from '../../../src/run/trials/worker.ts'
import type { Training } from '../../../src/train/index.ts'
import small from './fixtures/small.ts'

type Said = FromWorker & { readonly bytes?: Uint8Array }

/** A worker, and a driver that says what the test says. */
async function worker(training: () => Promise<Training>) {
  const transport = transports.memory()
  const accepted = Promise.withResolvers<Parameters<Parameters<typeof transport.listen>[0]['accept']>[0]>()
  await using listener = await transport.listen({ token: 'x', accept: accepted.resolve })
  const far = await transport.dial(listener.address, { token: 'x', hello: null })
  const near = await accepted.promise
  const said: Said[] = []
  let waiting: (() => void) | undefined
  near.onMessage(({ body, bytes }) => {
    said.push({ ...readFromWorker(body), ...(bytes && { bytes }) })
    waiting?.()
  })
  const going = new AbortController()
  const served = serve(far, { clock: realClock, signal: going.signal }, { training, threads: 1 })
  /** What it says next, of these kinds; the rest is passed over. */
  const next = async (...kinds: FromWorker['kind'][]): Promise<Said> => {
    for (;;) {
      const message = said.shift()
      if (!message) await new Promise<void>((resolve) => (waiting = resolve))
      else if (kinds.includes(message.kind)) return message
    }
  }
  const send = (message: FromDriver | Json, bytes?: Uint8Array) => near.send(message as Json, bytes)
  return {
    ...{ near, far, going, served, said, next, send },
    order(change: Partial<Extract<FromDriver, { kind: 'trial' }>> = {}, bytes?: Uint8Array) {
      const config = { ...small.config, epochs: 3 }
      send({ kind: 'trial', trial: 0, attempt: 0, config, seed: 5, metrics: {}, best: null, ...change }, bytes)
    },
    /** Answers reports until the trial has ended. */
    async end(verdict: (step: number) => string = () => 'go') {
      const reports: [number, Record<string, number>][] = []
      const checkpoints: Uint8Array[] = []
      const files: string[] = []
      for (;;) {
        const message = await next('report', 'checkpoint', 'model', 'result')
        if (message.kind === 'report') {
          reports.push([message.step, message.metrics])
          send({ kind: 'verdict', verdict: verdict(message.step) })
        } else if (message.kind === 'checkpoint') checkpoints.push(message.bytes as Uint8Array)
        else if (message.kind === 'model') files.push(message.name)
        else if (message.kind === 'result') return { ...message, reports, checkpoints, files }
      }
    },
    async [Symbol.asyncDispose]() {
      near.close('the test is over')
      await served
    },
  }
}

const loaded = async () => small as unknown as Training
/** A training that is nothing but its function. */
const only = (train: (context: Parameters<Training['train']>[0]) => Promise<unknown>) => async () =>
  ({ ...small, train }) as unknown as Training

suite('trials on a worker', () => {
  test('it is ready, reports and waits for the verdict, ends, and is ready again', async () => {
    await using one = await worker(loaded)
    await one.next('ready')
    one.order()
    const { outcome, metrics, reports, checkpoints, files } = await one.end()
    assert.equal(outcome, 'finished')
    assert.deepEqual(
      reports.map(([step]) => step),
      [0, 1, 2],
    )
    assert.deepEqual(metrics, reports.at(-1)?.[1])
    assert.equal(checkpoints.length, 3)
    assert.deepEqual(files.sort(), ['model.json', 'model.onnx', 'model.safetensors'])
    await one.next('ready')
    one.order({ trial: 1, best: 1.5 })
    assert.deepEqual((await one.end()).files, [], 'it is not the best')
    await one.next('ready')
    one.order({ trial: 2, best: Number.NaN })
    assert.deepEqual((await one.end()).files, [], 'none is wanted')
  })

  test('stopped, paused or preempted after any epoch, it goes on from its checkpoint with the same bits, also on another worker', async () => {
    await using one = await worker(loaded)
    await using another = await worker(loaded)
    await one.next('ready')
    await another.next('ready')
    one.order()
    const whole = await one.end()
    for (const [verdict, outcome] of [
      ['pause', 'paused'],
      ['preempt', 'preempted'],
      ['stop', 'pruned'],
    ] as const) {
      for (const at of [0, 1]) {
        one.order({ trial: 1 })
        const first = await one.end((step) => (step === at ? verdict : 'go'))
        assert.equal(first.outcome, outcome)
        assert.deepEqual(first.reports, whole.reports.slice(0, at + 1))
        another.order({ trial: 1, attempt: 1, metrics: first.reports.at(-1)![1] }, first.checkpoints.at(-1))
        const rest = await another.end()
        assert.equal(rest.outcome, 'finished')
        assert.deepEqual(rest.reports, whole.reports.slice(at + 1))
        assert.deepEqual(rest.metrics, whole.metrics)
      }
    }
  })

  test('told so after its last epoch it has finished', async () => {
    await using one = await worker(loaded)
    for (const verdict of ['stop', 'pause', 'preempt']) {
      one.order()
      assert.equal((await one.end((step) => (step === 2 ? verdict : 'go'))).outcome, 'finished')
    }
  })

  test('one whose worker died after its last checkpoint ends with all it reported, and its model', async () => {
    await using one = await worker(loaded)
    one.order()
    const whole = await one.end()
    one.order({ attempt: 1, metrics: whole.metrics }, whole.checkpoints.at(-1))
    const again = await one.end()
    assert.deepEqual([again.outcome, again.reports, again.metrics], ['finished', [], whole.metrics])
    assert.equal(again.files.length, 3)
  })

  test('asked to stop unasked, in the middle of an epoch, it keeps a checkpoint of that moment', async () => {
    await using one = await worker(loaded)
    one.order()
    const whole = await one.end()
    one.order({ trial: 4, attempt: 2 })
    const { step } = (await one.next('report')) as Extract<Said, { kind: 'report' }>
    assert.equal(step, 0)
    one.send({ kind: 'preempt', trial: 4, attempt: 1 })
    one.send({ kind: 'preempt', trial: 3, attempt: 2 })
    one.send({ kind: 'preempt', trial: 4, attempt: 2 })
    one.send({ kind: 'verdict', verdict: 'go' })
    const { outcome, checkpoints } = await one.end()
    assert.equal(outcome, 'preempted')
    one.order({ trial: 4, attempt: 3 }, checkpoints.at(-1))
    assert.deepEqual((await one.end()).reports, whole.reports.slice(1))
  })
})

suite('a worker that goes', () => {
  test('asked to go (SIGTERM): its trial is preempted with a checkpoint, and it leaves', async () => {
    const one = await worker(loaded)
    one.order()
    await one.next('report')
    one.going.abort(new Error('the worker was asked to go'))
    one.send({ kind: 'verdict', verdict: 'go' })
    const { outcome, checkpoints } = await one.end()
    assert.deepEqual([outcome, checkpoints.length], ['preempted', 1])
    await one.served
    assert.ok(!one.said.some(({ kind }) => kind === 'ready'), 'it wants no other trial')
  })

  test('it says that it goes, so that a trial that is on its way to it is not lost by its fault', async () => {
    const one = await worker(loaded)
    await one.next('ready')
    one.going.abort(new Error('the worker was asked to go'))
    await one.next('leave')
    await one.served
  })

  test('asked to go while it has nothing to do, it goes', async () => {
    const one = await worker(loaded)
    await one.next('ready')
    one.going.abort(new Error('the worker was asked to go'))
    await one.served
  })

  test('when the driver is gone it stops training, wherever that is, before it is over', async () => {
    for (const when of ['report', 'checkpoint'] as const) {
      let epochs = 0
      const one = await worker(async () => {
        const { train } = small
        return {
          ...small,
          train: (context: Parameters<typeof train>[0]) =>
            train({
              ...context,
              report: (values) => {
                epochs++
                return context.report(values)
              },
            }),
        } as unknown as Training
      })
      one.order({ config: { ...small.config, epochs: 100_000 } })
      const { step } = (await one.next('report')) as Extract<Said, { kind: 'report' }>
      assert.equal(step, 0)
      if (when === 'checkpoint') {
        one.send({ kind: 'verdict', verdict: 'go' })
        await one.next('checkpoint')
      }
      one.near.close('gone')
      await one.served
      const then = epochs
      assert.ok(then <= 3)
      await new Promise((resolve) => setTimeout(resolve, 30))
      assert.equal(epochs, then)
    }
  })

  test('it does not talk with a driver that makes no sense', async () => {
    for (const nonsense of [{ kind: 'hello' }, { kind: 'verdict', verdict: 'maybe' }, { kind: 'trial' }, 7]) {
      const one = await worker(loaded)
      await one.next('ready')
      one.send(nonsense)
      await one.served
      assert.match(await one.near.closed, /protocol/)
    }
  })

  test('nor with one that gives it two trials at once', async () => {
    const one = await worker(loaded)
    one.order()
    one.order({ trial: 1 })
    await one.served
    assert.match(await one.near.closed, /a trial while it had one/)
  })
})

suite('training functions that fail', () => {
  const cases: [string, (context: Parameters<Training['train']>[0]) => Promise<unknown>, RegExp][] = [
    ['throw', () => Promise.reject(new Error('mine')), /mine/],
    ['throw at length', () => Promise.reject(new Error('x'.repeat(100_000))), /xxx/],
    ['throw what is no error', () => Promise.reject('words'), /words/],
    ['return words', async () => ({ accuracy: 'high' }), /'accuracy' is 'high' but must be a number/],
    ['return a metric with a very long name', async () => ({ ['x'.repeat(500)]: 1 }), /at most 200/],
    ['report a metric with a very long name', ({ report }) => report({ step: 0, ['x'.repeat(500)]: 1 }), /at most 200/],
    ['report at half a step', ({ report }) => report({ step: 0.5, accuracy: 1 }), /step/],
  ]
  for (const [name, train, sentence] of cases) {
    test(`those that ${name} fail with a sentence, and the worker goes on`, async () => {
      await using one = await worker(only(train))
      await one.next('ready')
      one.order()
      const { outcome, error } = await one.end()
      assert.equal(outcome, 'failed')
      assert.match(error?.message ?? '', sentence)
      assert.ok((error?.message.length ?? 0) <= 10_000)
      await one.next('ready')
    })
  }

  test('one that was told to stop and makes an error of its own of that was stopped all the same', async () => {
    await using one = await worker(
      only(async ({ report }) => {
        try {
          for (let step = 0; ; step++) await report({ step, accuracy: 1 })
        } catch (cause) {
          throw new Error('my training was cut short', { cause })
        }
      }),
    )
    one.order()
    const { outcome, metrics } = await one.end((step) => (step === 3 ? 'stop' : 'go'))
    assert.deepEqual([outcome, metrics], ['pruned', { accuracy: 1 }])
  })

  test('a file that cannot be loaded fails each trial with its reason', async () => {
    await using one = await worker(() => Promise.reject(new Error('no such file')))
    for (let trial = 0; trial < 2; trial++) {
      await one.next('ready')
      one.order({ trial })
      assert.match((await one.end()).error?.message ?? '', /no such file/)
    }
  })

  test('a long line in the log is cut', async () => {
    await using one = await worker(
      only(async ({ log, report }) => {
        log('y'.repeat(50_000))
        await report({ step: 0, accuracy: 1 })
      }),
    )
    one.order()
    const line = (await one.next('log')) as Extract<Said, { kind: 'log' }>
    assert.equal(line.text.length, 10_000)
    assert.equal((await one.end()).outcome, 'finished')
  })
})
