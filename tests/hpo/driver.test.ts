import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { fail } from '../../src/core/errors.ts'
import type { Json } from '../../src/core/json.ts'
import type { Pruner, Sampler, Verdict } from '../../src/hpo/index.ts'
import { point } from '../../src/hpo/sampler.ts'
import fc from '../laws.ts'
import { stage } from './puppet.ts'

/** Says what the test says. */
function told(verdict: (step: number, trial: number) => Verdict): Pruner {
  return { name: 'told', begin: () => ({ judge: ({ reports, number }) => verdict(reports.at(-1)?.step as number, number) }) }
}

suite('the life of trials', () => {
  test('a worker pulls trials until all were begun; the study ends when the last has', async () => {
    const ends: number[] = []
    await using one = await stage({ settings: { wanted: { trials: 2 } }, onEnd: ({ number }) => ends.push(number) })
    const worker = await one.worker(0)
    const first = await worker.ask()
    assert.ok(first)
    assert.deepEqual([first.trial, first.attempt, first.seed, first.metrics, first.best], [0, 0, 1, {}, null])
    assert.equal(first.config.flag, false, 'what is not searched has its default')
    assert.equal(await worker.report(first, 0, 0.5), 'go')
    await worker.end(first, 'finished', { loss: 0.25 })
    const second = await worker.ask()
    assert.equal(second?.trial, 1)
    assert.equal(second?.best, 0.25)
    await worker.end(second!, 'finished', { loss: 0.5 })
    assert.equal(one.outcome.end, undefined, 'who asks next is told that there is no more')
    assert.equal(await worker.ask(), undefined)
    assert.deepEqual(one.outcome.end, { reason: 'all 2 trials were begun', stopped: false })
    assert.deepEqual(ends, [0, 1])
    assert.equal(one.study.ledger.best?.number, 0)
    assert.equal(one.written.at(-1)?.kind, 'close')
    assert.deepEqual(one.pending, [])
  })

  test('who asks for a trial when the last ones run gets one of those that die', async () => {
    await using one = await stage({ settings: { wanted: { trials: 1 } } })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const order = await a.ask()
    assert.equal(await b.ask(), undefined)
    await a.die()
    assert.equal(b.heard[0]?.kind, 'trial')
    assert.equal(order?.attempt, 0)
    await b.end({ trial: 0, attempt: 1 }, 'finished', { loss: 1 })
    await b.ask()
    assert.ok(one.outcome.end)
  })

  test('a trial that dies when nobody is there waits for somebody, and does not end the study', async () => {
    await using one = await stage({ settings: { wanted: { trials: 1 } } })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    assert.equal(await b.ask(), undefined)
    await b.die()
    await a.die()
    await one.settle(5000)
    assert.equal(one.outcome.end, undefined)
    const c = await one.worker(2)
    assert.equal((await c.ask())?.attempt, 1)
  })

  test('what was reported so far goes with a trial that goes on, and its checkpoint', async () => {
    await using one = await stage()
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const order = (await a.ask())!
    await a.report(order, 0, 0.5)
    await a.say({ kind: 'checkpoint', trial: 0, attempt: 0, step: 1, best: true }, 'after 0')
    await a.die()
    const again = (await b.ask())!
    assert.deepEqual([again.trial, again.attempt, again.bytes, again.metrics], [0, 1, 'after 0', { loss: 0.5 }])
    assert.deepEqual(again.config, order.config)
  })

  test('messages are dealt with in order, also while a checkpoint is being written', async () => {
    const saving = Promise.withResolvers<void>()
    await using one = await stage({
      log: (log) => ({ saveCheckpoint: (...about) => saving.promise.then(() => log.saveCheckpoint(...about)) }),
    })
    const worker = await one.worker(0)
    const order = (await worker.ask())!
    await worker.say({ kind: 'checkpoint', trial: 0, attempt: 0, step: 1, best: true }, 'x')
    await worker.end(order, 'finished', { loss: 1 })
    assert.equal(one.study.ledger.counts.finished, 0)
    saving.resolve()
    await one.settle()
    assert.equal(one.study.ledger.counts.finished, 1)
    assert.equal(one.log.checkpoints.size, 0, 'a trial that has ended keeps none')
  })

  test('what a worker said before it died counts: a result that waits for the disk is not lost', async () => {
    const saving = Promise.withResolvers<void>()
    await using one = await stage({ log: () => ({ saveCheckpoint: () => saving.promise }) })
    const worker = await one.worker(0)
    const order = (await worker.ask())!
    await worker.say({ kind: 'checkpoint', trial: 0, attempt: 0, step: 1, best: true }, 'x')
    await worker.end(order, 'finished', { loss: 1 })
    await worker.die()
    saving.resolve()
    await one.settle()
    assert.equal(one.study.ledger.entry(0).state, 'finished')
  })

  test('a trial whose worker dies again and again is lost after its retries, and says of what', async () => {
    await using one = await stage({ settings: { retries: 2, wanted: { trials: 1 } } })
    for (let attempt = 0; attempt <= 2; attempt++) {
      const worker = await one.worker(0)
      assert.equal((await worker.ask())?.attempt, attempt)
      await worker.die(`signal ${attempt}`)
    }
    const { state, error } = one.study.ledger.entry(0)
    assert.equal(state, 'lost')
    assert.match(error?.message ?? '', /died 3 times, the last time by signal 2/)
    await (await one.worker(0)).ask()
    assert.ok(one.outcome.end, 'and the study goes on without it')
  })

  test('a worker that was asked to go gets no other trial, and what it does not get to is preempted, not lost', async () => {
    await using one = await stage({ settings: { wanted: { trials: 1 }, retries: 0 } })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await b.say({ kind: 'ready' })
    // Its trial is on its way to it.
    await b.say({ kind: 'leave' })
    await b.die('the connection was cut')
    assert.equal(one.study.ledger.entry(0).state, 'preempted')
    const idle = await one.worker(2)
    await idle.say({ kind: 'leave' })
    assert.equal(await idle.ask(), undefined)
    assert.equal((await a.ask())?.attempt, 1)
  })

  test('a trial that was told to stop and loses its worker has ended; one that fails is tried again only where that is asked', async () => {
    await using one = await stage({
      settings: { retryFailed: 1, retries: 0 },
      parts: { pruner: told((step) => (step === 1 ? 'stop' : 'go')) },
    })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const order = (await a.ask())!
    assert.deepEqual([await a.report(order, 0, 3), await a.report(order, 1, 2)], ['go', 'stop'])
    await a.die()
    const { state, values } = one.study.ledger.entry(0)
    assert.deepEqual([state, values], ['pruned', [2]])
    const failing = (await b.ask())!
    await b.say({ kind: 'result', trial: 1, attempt: 0, outcome: 'failed', metrics: {}, error: { code: 'X', message: 'mine' } })
    assert.equal(one.study.ledger.entry(1).state, 'waiting')
    const again = (await b.ask())!
    assert.deepEqual([again.trial, again.attempt], [failing.trial, 1])
    await b.say({ kind: 'result', trial: 1, attempt: 1, outcome: 'failed', metrics: {}, error: { message: 'mine again' } })
    assert.equal(one.study.ledger.entry(1).error?.message, 'mine again')
    assert.equal(one.study.ledger.counts.failed, 1)
  })

  test('a trial told to pause whose worker dies first is told so again, and not once it was promoted', async () => {
    let resume = false
    const pruner: Pruner = {
      name: 'pausing',
      begin: () => ({
        judge: ({ reports }) => (reports.at(-1)?.step === 1 ? 'pause' : 'go'),
        next: ({ trials }) => (resume && trials[0]?.paused ? { kind: 'resume', trial: 0 } : { kind: 'sample' }),
      }),
    }
    await using one = await stage({ parts: { pruner } })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const order = (await a.ask())!
    assert.deepEqual([await a.report(order, 0, 3), await a.report(order, 1, 2)], ['go', 'pause'])
    await a.die()
    const again = (await b.ask())!
    // It begins anew, for it kept no checkpoint.
    assert.deepEqual([await b.report(again, 0, 3), await b.report(again, 1, 2)], ['go', 'pause'])
    await b.end(again, 'paused')
    assert.equal(one.study.ledger.entry(0).paused, true)
    resume = true
    const promoted = (await b.ask())!
    assert.deepEqual([promoted.trial, promoted.attempt], [0, 2])
    assert.deepEqual([await b.report(promoted, 0, 3), await b.report(promoted, 1, 2), await b.report(promoted, 2, 1)], ['go', 'go', 'go'])
  })

  test('a copy begins with its parent’s checkpoint, also when the parent has ended, and again when its first worker died', async () => {
    let copy = false
    const pruner: Pruner = {
      name: 'copying',
      begin: () => ({
        judge: () => 'go',
        next: () => (copy ? { kind: 'exploit', parent: 0, assignment: { x: 0, rate: 0.5, kind: 'a' } } : { kind: 'sample' }),
      }),
    }
    await using one = await stage({ parts: { pruner } })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const parent = (await a.ask())!
    await a.say({ kind: 'checkpoint', trial: 0, attempt: 0, step: 7, best: true }, 'the parent’s')
    copy = true
    // At once: the parent ends while its checkpoint is asked for.
    const asking = b.ask()
    const ending = a.end(parent, 'finished', { loss: 1 })
    const child = (await asking)!
    await ending
    assert.deepEqual([child.trial, child.bytes, child.config.rate], [1, 'the parent’s', 0.5])
    assert.deepEqual([...one.log.checkpoints], [[1, 'the parent’s']])
    await b.die()
    const again = (await a.ask())!
    assert.deepEqual([again.trial, again.attempt, again.bytes], [1, 1, 'the parent’s'])
  })

  test('a checkpoint that cannot be read makes a trial begin anew, and the log says so', async () => {
    await using one = await stage({
      log: () => ({
        async readCheckpoint() {
          throw fail('ARTIFACT_CORRUPT', 'study', 'trial-0/checkpoint-1', 'a file')
        },
      }),
    })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    await a.die()
    const again = (await b.ask())!
    assert.deepEqual([again.trial, again.attempt, again.bytes], [0, 1, undefined])
    assert.match(one.log.lines.join(), /checkpoint of trial 0 cannot be read.*SHA-256/)
  })
})

suite('first written, then answered', () => {
  test('nothing is answered while it is not written, and what arrives in one turn is written at once', async () => {
    let release = Promise.withResolvers<void>()
    release.resolve()
    let flushes = 0
    await using one = await stage({
      settings: { workers: 8 },
      log: (log) => ({
        async flush(durable) {
          flushes++
          await release.promise
          await log.flush(durable)
        },
      }),
    })
    const workers = await Promise.all(Array.from({ length: 8 }, (_, rank) => one.worker(rank)))
    const orders = await Promise.all(workers.map(async (worker) => (await worker.ask())!))
    release = Promise.withResolvers()
    flushes = 0
    const verdicts = workers.map((worker, i) => worker.report(orders[i]!, 0, i))
    await one.settle()
    assert.equal(flushes, 1)
    assert.deepEqual(
      workers.flatMap(({ heard }) => heard),
      [],
    )
    assert.equal(
      one.written.some(({ kind }) => kind === 'report'),
      false,
    )
    release.resolve()
    await one.settle()
    assert.equal(one.written.filter(({ kind }) => kind === 'report').length, 8)
    // They asked before it was released.
    assert.deepEqual(await Promise.all(verdicts), Array(8).fill(undefined))
    assert.deepEqual(
      workers.map(({ heard }) => heard.length),
      Array(8).fill(1),
    )
  })

  test('when the disk is full the study ends with that, and nothing is answered any more, even if there is room again', async () => {
    let full = false
    await using one = await stage({
      log: (log) => ({
        async flush(durable) {
          if (full) throw fail('STORE_FULL', 'store')
          await log.flush(durable)
        },
      }),
    })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const order = (await a.ask())!
    full = true
    assert.equal(await a.report(order, 0, 1), undefined)
    assert.equal((one.outcome.error as { code: string }).code, 'STORE_FULL')
    full = false
    assert.equal(await a.report(order, 1, 1), undefined)
    assert.equal(await b.ask(), undefined)
    await one.settle(60_000)
    assert.deepEqual([a.heard, b.heard], [[], []])
    assert.equal(
      one.written.some(({ kind }) => kind === 'report'),
      false,
    )
  })

  test('a disk that is full at the very end is told too', async () => {
    let full = false
    await using one = await stage({
      settings: { wanted: { trials: 1 } },
      log: (log) => ({
        async flush(durable) {
          if (full) throw fail('STORE_FULL', 'store')
          await log.flush(durable)
        },
      }),
    })
    const worker = await one.worker(0)
    await worker.end((await worker.ask())!, 'finished', { loss: 1 })
    full = true
    await worker.ask()
    assert.equal((one.outcome.error as { code: string }).code, 'STORE_FULL')
    assert.equal(one.outcome.end, undefined)
  })

  for (const what of ['saveCheckpoint', 'saveModel', 'dropCheckpoints', 'log'] as const) {
    test(`a disk that is full in ${what} ends the study`, async () => {
      const full = async () => {
        throw fail('STORE_FULL', 'store')
      }
      const now = () => {
        throw fail('STORE_FULL', 'store')
      }
      await using one = await stage({ log: () => ({ [what]: what === 'log' ? now : full }) })
      const worker = await one.worker(0)
      const order = (await worker.ask())!
      const about = { trial: order.trial, attempt: order.attempt }
      await worker.say({ kind: 'log', ...about, level: 'info', text: 'hello' })
      await worker.say({ kind: 'checkpoint', ...about, step: 1, best: true }, 'x')
      await worker.say({ kind: 'model', ...about, name: 'model.json' }, 'x')
      await worker.end(order, 'finished', { loss: 1 })
      assert.equal((one.outcome.error as { code: string })?.code, 'STORE_FULL')
    })
  }

  test('an idle driver does not wake the disk', async () => {
    const durable: boolean[] = []
    await using one = await stage({
      log: (log) => ({
        flush(now) {
          durable.push(now)
          return log.flush(now)
        },
      }),
    })
    const worker = await one.worker(0)
    const order = (await worker.ask())!
    await worker.report(order, 0, 1)
    await one.settle(2000)
    assert.equal(durable.at(-1), true, 'what was written is forced to the disk soon')
    const before = durable.length
    await one.settle(60_000)
    assert.equal(durable.length, before)
  })
})

suite('models', () => {
  const model = async (
    worker: Awaited<ReturnType<Awaited<ReturnType<typeof stage>>['worker']>>,
    trial: number,
    names: string[],
    loss: number,
  ) => {
    for (const name of names) await worker.say({ kind: 'model', trial, attempt: 0, name }, name)
    await worker.end({ trial, attempt: 0 }, 'finished', { loss })
  }

  test('the model of a trial is written before its result, and only of the best', async () => {
    const saving = Promise.withResolvers<void>()
    await using one = await stage({ log: (log) => ({ saveModel: (...about) => saving.promise.then(() => log.saveModel(...about)) }) })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    await b.ask()
    await model(a, 0, ['model.json', 'model.onnx'], 2)
    assert.equal(one.study.ledger.counts.finished, 0, 'the result waits')
    saving.resolve()
    await one.settle()
    assert.equal(one.study.ledger.counts.finished, 1)
    assert.deepEqual(one.log.models, [[0, ['model.json', 'model.onnx']]])
    assert.equal(one.study.ledger.model, 0)
    await model(b, 1, ['model.json'], 3)
    assert.deepEqual(one.log.models.length, 1, 'it was not better')
    assert.equal(one.study.ledger.model, 0)
  })

  test('two that end at once are written one after the other, and the better one stays', async () => {
    for (const [first, second] of [
      [2, 1],
      [1, 2],
    ]) {
      const words: string[] = []
      await using one = await stage({
        log: () => ({
          async saveModel(trial) {
            words.push(`begin ${trial}`)
            for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
            words.push(`end ${trial}`)
          },
        }),
      })
      const [a, b] = [await one.worker(0), await one.worker(1)]
      await a.ask()
      await b.ask()
      await Promise.all([model(a, 0, ['m'], first!), model(b, 1, ['m'], second!)])
      const better = second! < first!
      assert.deepEqual(words, better ? ['begin 0', 'end 0', 'begin 1', 'end 1'] : ['begin 0', 'end 0'])
      assert.equal(one.study.ledger.model, better ? 1 : 0)
      assert.equal(one.study.ledger.counts.finished, 2)
    }
  })
})

suite('what workers may do wrong', () => {
  test('what an earlier try at a trial still says is not listened to', async () => {
    await using one = await stage({ settings: { wanted: { trials: 1 } }, reportTimeout: 3000 })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    const old = (await a.ask())!
    await a.die()
    const now = (await b.ask())!
    assert.equal(now.attempt, 1)
    assert.equal(await b.report(old, 5, 1), 'stop')
    await b.say({ kind: 'checkpoint', trial: 0, attempt: 0, step: 5, best: true }, 'old')
    await b.end(old, 'finished', { loss: 1 })
    await b.end({ trial: 7, attempt: 0 }, 'finished', { loss: 1 })
    assert.deepEqual(one.study.ledger.entry(0).reports, [])
    assert.equal(one.study.ledger.entry(0).state, 'running')
    assert.equal(one.log.checkpoints.size, 0)
    await b.end(now, 'finished', { loss: 1 })
    assert.equal(one.study.ledger.entry(0).state, 'finished')
  })

  const lies: [string, (trial: number) => Json][] = [
    ['is ready while it has a trial', () => ({ kind: 'ready' })],
    ['is pruned and was not told to', (trial) => ({ kind: 'result', trial, attempt: 0, outcome: 'pruned', metrics: { loss: 1 } })],
    ['pauses and was not told to', (trial) => ({ kind: 'result', trial, attempt: 0, outcome: 'paused', metrics: {} })],
    ['speaks another language', () => ({ kind: 'bonjour' })],
    ['says too much', (trial) => ({ kind: 'ready', trial })],
    ['has a text of a million letters', (trial) => ({ kind: 'log', trial, attempt: 0, level: 'info', text: 'x'.repeat(1e6) })],
    ['reports words', (trial) => ({ kind: 'report', trial, attempt: 0, step: 0, metrics: { loss: 'low' } })],
    ['names a file of another folder', (trial) => ({ kind: 'model', trial, attempt: 0, name: '..' })],
    ['says a million letters for a number', (trial) => ({ kind: 'report', trial, attempt: 0, step: 'x'.repeat(1e6), metrics: {} })],
  ]
  for (const [name, lie] of lies) {
    test(`a worker that ${name} is ended, and its trial is somebody else's`, async () => {
      await using one = await stage({ settings: { wanted: { trials: 1 } } })
      const [a, b] = [await one.worker(0), await one.worker(1)]
      const order = (await a.ask())!
      assert.equal(await b.ask(), undefined)
      await a.say(lie(order.trial))
      assert.match(a.killed ?? '', /protocol/)
      const [again] = b.heard
      assert.deepEqual(again?.kind === 'trial' && [again.trial, again.attempt], [0, 1])
      assert.equal(one.study.ledger.entry(0).losses, 1)
      assert.ok(JSON.stringify(one.written).length < 5000, 'and its words are not kept')
      await b.end({ trial: 0, attempt: 1 }, 'finished', { loss: 1 })
      await b.ask()
      assert.ok(one.outcome.end)
    })
  }

  test('whatever workers say, an honest one finishes the study with exactly its trials', async () => {
    const about = { trial: fc.nat(5), attempt: fc.nat(2) }
    const kind = fc.constantFrom(
      'ready',
      'leave',
      'report',
      'checkpoint',
      'model',
      'log',
      'result',
      'trial',
      'verdict',
      'preempt',
      '__proto__',
    )
    const rightLike = fc.record(
      {
        kind,
        ...about,
        step: fc.oneof(fc.integer(), fc.double()),
        metrics: fc.dictionary(fc.oneof(fc.constant('loss'), fc.string()), fc.oneof(fc.double(), fc.string())),
        outcome: fc.constantFrom('finished', 'pruned', 'paused', 'preempted', 'failed', 'lost'),
        best: fc.boolean(),
        name: fc.string(),
        level: fc.constantFrom('info', 'warn', 'debug'),
        text: fc.string(),
        error: fc.record({ message: fc.string() }, { requiredKeys: [] }),
      },
      { requiredKeys: ['kind'] },
    )
    const valid = fc.oneof(
      fc.record({ kind: fc.constant('ready') }),
      fc.record({
        kind: fc.constant('report'),
        ...about,
        step: fc.integer(),
        metrics: fc.dictionary(fc.constantFrom('loss', 'a'), fc.double()),
      }),
      fc.record({ kind: fc.constant('checkpoint'), ...about, step: fc.nat(), best: fc.boolean() }),
      fc.record({ kind: fc.constant('model'), ...about, name: fc.constantFrom('model.json', 'm') }),
      fc.record({
        kind: fc.constant('result'),
        ...about,
        outcome: fc.constantFrom('finished', 'pruned', 'paused', 'preempted', 'failed'),
        metrics: fc.dictionary(fc.constantFrom('loss', 'a'), fc.double()),
      }),
    )
    const words = fc.array(fc.record({ who: fc.nat(2), message: fc.oneof(valid, valid, rightLike, fc.jsonValue()), bytes: fc.boolean() }), {
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(words, fc.constantFrom('none', 'asha', 'median'), async (said, pruner) => {
        await using one = await stage({ settings: { wanted: { trials: 6 }, pruner: { kind: pruner } } })
        const honest = await one.worker(3)
        // An objective that nobody ever reported would end the study.
        await honest.end((await honest.ask())!, 'finished', { loss: 1 })
        const mad = [await one.worker(0), await one.worker(1), await one.worker(2)]
        for (const worker of mad) await worker.ask()
        for (const { who, message, bytes } of said) await mad[who]!.say(message as Json, bytes ? 'bytes' : undefined)
        for (const worker of mad) await worker.die()
        for (let order = await honest.ask(); order; order = await honest.ask()) {
          let verdict: string | undefined
          for (let step = 0; step < 3 && (verdict === undefined || verdict === 'go'); step++)
            verdict = await honest.report(order, step, 1 / (step + order.trial + 1))
          await honest.end(order, verdict === 'pause' ? 'paused' : verdict === 'stop' ? 'pruned' : 'finished', { loss: 1 })
        }
        assert.ok(one.outcome.end, String(one.outcome.error))
        assert.equal(one.study.ledger.entries.length, 6)
        const { finished, pruned, failed, lost, ...open } = one.study.ledger.counts
        assert.equal(finished + pruned + failed + lost, 6)
        assert.deepEqual(open, { waiting: 0, running: 0, preempted: 0 })
      }),
      { numRuns: 150 },
    )
  })

  test('a trial that never reports fails in time; a driver that was itself stopped does not blame its workers', async () => {
    let frozen = 0
    await using one = await stage({ reportTimeout: 5000, frozen: () => frozen })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    const talking = (await b.ask())!
    await one.settle(4000)
    frozen = 3_600_000
    await one.settle(500)
    assert.equal(one.study.ledger.counts.failed, 0, 'nobody could be heard in that hour')
    await b.report(talking, 0, 1)
    await one.settle(3000)
    assert.equal(one.study.ledger.entry(0).error?.code, 'TRIAL_SILENT')
    assert.match(a.killed ?? '', /reported nothing for 5 s/)
    assert.equal(one.study.ledger.entry(1).state, 'running')
    assert.equal(b.killed, undefined)
  })

  test('a trial that holds more memory than it may fails with that reason', async () => {
    await using one = await stage({ memoryLimit: 2 ** 30 })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    b.memory = 3 * 2 ** 30
    a.memory = 2 ** 30
    await one.settle(1000)
    assert.equal(one.study.ledger.entry(0).state, 'running', 'as much as it may')
    assert.equal(b.killed, undefined, 'it has no trial')
    a.memory = 2 * 2 ** 30
    await one.settle(1000)
    assert.equal(one.study.ledger.entry(0).error?.code, 'TRIAL_MEMORY')
    assert.match(a.killed ?? '', /held 2.0 GiB/)
  })

  test('no more begins than memory admits; why is visible, and it goes on by itself', async () => {
    let full: string | undefined = 'for memory'
    await using one = await stage({ admit: (held) => (held.length > 0 ? full : undefined) })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    assert.equal(await b.ask(), undefined)
    assert.equal(one.driver.waiting, 'for memory')
    assert.equal(one.study.ledger.waiting, 'for memory')
    full = undefined
    await one.settle(500)
    assert.equal(b.heard[0]?.kind, 'trial')
    assert.equal(one.study.ledger.waiting, undefined)
  })

  test('why there are fewer workers than were asked for is visible while nothing nearer is waited for', async () => {
    let [short, full]: (string | undefined)[] = ['for Ray: 1 CPU short', undefined]
    await using one = await stage({ short: () => short, admit: (held) => (held.length > 0 ? full : undefined) })
    const [a, b] = [await one.worker(0), await one.worker(1)]
    await a.ask()
    assert.equal(one.study.ledger.waiting, 'for Ray: 1 CPU short')
    full = 'for memory'
    await b.ask()
    assert.equal(one.study.ledger.waiting, 'for memory')
    full = undefined
    short = undefined
    await one.settle(500)
    assert.equal(one.study.ledger.waiting, undefined)
    assert.equal(one.driver.waiting, undefined)
  })

  test('a reason of any length is kept short', async () => {
    await using one = await stage()
    const worker = await one.worker(0)
    await worker.ask()
    await worker.die('x'.repeat(100_000))
    assert.ok(JSON.stringify(one.written).length < 5000)
  })
})

suite('samplers and pruners that are wrong', () => {
  const asks = (ask: Sampler['begin']): Sampler => ({ name: 'mine', begin: ask })
  const cases: [string, { sampler?: Sampler; pruner?: Pruner; constraint?: () => boolean }, RegExp][] = [
    [
      'throws when it is asked',
      { sampler: asks(() => ({ ask: (n) => (n === 1 ? broken() : good(n)) })) },
      /'mine' threw in its 'ask': no idea/,
    ],
    ['throws when it is told', { sampler: asks(() => ({ ask: good, tell: () => broken() })) }, /'mine' threw in its 'tell': no idea/],
    [
      'gives a point outside',
      { sampler: asks(() => ({ ask: (n) => (n === 1 ? point({ x: 7, rate: 0.1, kind: 'a' }) : good(n)) })) },
      /'mine' suggested.*'x' is 7/,
    ],
    [
      'gives a point that is not feasible',
      { constraint: () => false, sampler: asks(() => ({ ask: good })) },
      /'mine' suggested.*constraint/,
    ],
    [
      'is a pruner that throws when it judges',
      { pruner: { name: 'strict', begin: () => ({ judge: () => broken() }) } },
      /'strict' threw in its 'judge'/,
    ],
    [
      'is a pruner that throws at an end',
      { pruner: { name: 'strict', begin: () => ({ judge: () => 'go', ended: () => broken() }) } },
      /'strict' threw in its 'ended'/,
    ],
  ]
  const broken = (): never => {
    throw new Error('no idea')
  }
  const good = (n: number) => point({ x: n / 10, rate: 0.1, kind: 'a' })
  for (const [name, parts, sentence] of cases) {
    test(`one that ${name} ends the study with a sentence, and loses nothing`, async () => {
      await using one = await stage({ parts })
      const worker = await one.worker(0)
      const order = await worker.ask()
      if (order) {
        await worker.report(order, 0, 2)
        await worker.end(order, 'finished', { loss: 1 })
        await worker.ask()
      }
      assert.match((one.outcome.error as Error).message, sentence)
      const kinds = one.written.map(({ kind }) => kind)
      if (order && !name.includes('judges')) assert.ok(kinds.includes('end'), 'the result is kept')
      assert.deepEqual(one.pending, [], 'all that was recorded is written')
      assert.equal(one.study.ledger.counts.running, 0, 'nobody is said to run')
    })
  }
})

suite('the end of a study', () => {
  test('stopped: what runs is asked to keep a checkpoint, what is reported meanwhile is kept, and who is late is ended', async () => {
    await using one = await stage({ parts: { pruner: told((step) => (step === 9 ? 'pause' : 'go')) } })
    const workers = [await one.worker(0), await one.worker(1), await one.worker(2), await one.worker(3)]
    const orders = await Promise.all(workers.map(async (worker) => (await worker.ask())!))
    const [a, b, c, d] = workers as [(typeof workers)[0], (typeof workers)[0], (typeof workers)[0], (typeof workers)[0]]
    one.driver.stop('it was interrupted')
    one.driver.stop('twice')
    await one.settle()
    for (const [i, worker] of workers.entries()) assert.deepEqual(worker.heard, [{ kind: 'preempt', trial: i, attempt: 0 }])
    assert.equal(await a.report(orders[0]!, 0, 1), 'preempt')
    assert.equal(await b.report(orders[1]!, 9, 1), 'pause', 'that ends it as well')
    await a.say({ kind: 'checkpoint', trial: 0, attempt: 0, step: 1, best: true }, 'kept')
    await a.end(orders[0]!, 'preempted')
    await b.end(orders[1]!, 'paused')
    await c.die()
    assert.equal(await a.ask(), undefined, 'nothing new begins')
    assert.equal(one.outcome.end, undefined)
    await one.settle(11_000)
    assert.match(d.killed ?? '', /no checkpoint within 10 s/)
    assert.deepEqual(one.outcome.end, { reason: 'it was interrupted', stopped: true })
    assert.deepEqual(
      one.study.ledger.entries.map(({ state, paused }) => [state, paused]),
      [
        ['preempted', false],
        ['waiting', true],
        ['preempted', false],
        ['preempted', false],
      ],
    )
    assert.equal(one.study.ledger.entry(2).losses, 0, 'who is lost when all go is not counted as lost')
    assert.equal(one.log.checkpoints.get(0), 'kept')
  })

  test('a trial that is on its way when the study is stopped gets there before it is told so', async () => {
    for (const slow of [false, true]) {
      await using one = await stage({
        log: (log) => ({
          async readCheckpoint(trial) {
            for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
            return log.readCheckpoint(trial)
          },
        }),
      })
      const [a, b] = [await one.worker(0), await one.worker(1)]
      if (slow) {
        await a.ask()
        await a.die()
      }
      const saying = b.say({ kind: 'ready' })
      // It was begun, and nothing is written or read yet.
      while (one.study.ledger.counts.running === 0) await Promise.resolve()
      one.driver.stop('now')
      await saying
      assert.deepEqual(
        b.heard.map(({ kind }) => kind),
        ['trial', 'preempt'],
      )
    }
  })

  test('after its time the study ends, and says so', async () => {
    await using one = await stage({ timeout: 5000 })
    const worker = await one.worker(0)
    const order = (await worker.ask())!
    await one.settle(5000)
    assert.equal(worker.heard[0]?.kind, 'preempt')
    await worker.end(order, 'preempted')
    assert.deepEqual(one.outcome.end, { reason: 'the time is over (5 s)', stopped: true })
  })

  test('without workers and without work it can be stopped at once', async () => {
    await using one = await stage()
    one.driver.stop('never mind')
    await one.settle()
    assert.deepEqual(one.outcome.end, { reason: 'never mind', stopped: true })
  })

  test('trials that rest when nothing is left to promote are pruned, and their checkpoints go', async () => {
    await using one = await stage({ settings: { wanted: { trials: 2 } }, parts: { pruner: told(() => 'pause') } })
    const worker = await one.worker(0)
    for (let order = await worker.ask(); order; order = await worker.ask()) {
      await worker.report(order, 0, order.trial)
      await worker.say({ kind: 'checkpoint', trial: order.trial, attempt: 0, step: 1, best: true }, 'x')
      await worker.end(order, 'paused')
    }
    assert.ok(one.outcome.end)
    assert.equal(one.study.ledger.counts.pruned, 2)
    assert.deepEqual(one.study.ledger.entry(1).values, [1])
    assert.equal(one.log.checkpoints.size, 0)
  })

  test('a sampler that waits for trials that rest gets their ends, not the study its', async () => {
    const sampler: Sampler = {
      name: 'generations',
      begin: () => ({
        ask: (n, { ended }) =>
          ended.length < n - (n % 2) ? { kind: 'wait', reason: 'for its generation' } : point({ x: 0, rate: 0.1, kind: 'a' }),
      }),
    }
    await using one = await stage({
      settings: { wanted: { trials: 4 } },
      parts: { sampler, pruner: told((_, trial) => (trial < 2 ? 'pause' : 'go')) },
    })
    const worker = await one.worker(0)
    for (let order = await worker.ask(); order; order = await worker.ask()) {
      const verdict = await worker.report(order, 0, order.trial)
      await worker.end(order, verdict === 'pause' ? 'paused' : 'finished', { loss: 1 })
    }
    assert.deepEqual(
      one.study.ledger.entries.map(({ state }) => state),
      ['pruned', 'pruned', 'finished', 'finished'],
    )
    assert.ok(one.outcome.end)
  })
})
