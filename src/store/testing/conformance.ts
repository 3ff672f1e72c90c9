/** What every store must do, through its contract only. `storeConformance` is called once for each implementation. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Clock, realClock, virtualClock } from '../../core/clock.ts'
import type { Store } from '../store.ts'

/** One empty place for a store, which can be opened any number of times; disposing of it removes it. */
export interface StorePlace extends AsyncDisposable {
  open(options: { clock: Clock; readOnly?: boolean }): Promise<Store>
}

export function storeConformance(name: string, makePlace: () => Promise<StorePlace>): void {
  const spec = { name: 'mnist', mode: 'single', seed: 7, config: {} }
  const law = (what: string, check: (store: Store, place: StorePlace) => Promise<void>) =>
    test(what, async () => {
      await using place = await makePlace()
      await using store = await place.open({ clock: realClock })
      await check(store, place)
    })
  const refused = (promise: Promise<unknown>, code: string, message = /./) => assert.rejects(promise, { code, message })

  suite(`store: ${name}`, () => {
    law('a run is read as it was created', async (store) => {
      const parent = await store.createRun({ ...spec, name: 'study' })
      const whole = {
        name: 'Größe / 2',
        mode: 'study',
        seed: 'a seed',
        config: {
          none: null,
          nan: Number.NaN,
          zero: -0,
          nested: { list: [1, 'zwei', { three: Number.NEGATIVE_INFINITY }] },
          __proto__: { a: 1 },
        },
        file: '/somewhere/train.ts',
        facts: { cores: 2, git: { dirty: true } },
        parent: parent.id,
      }
      const run = await store.createRun(whole)
      const { id, created, status, owner, metrics, ...rest } = await store.run(run.id)
      assert.match(id, /^[a-z0-9-]+-[0-9a-f]{6}$/)
      assert.equal(status, 'running')
      assert.ok(owner?.includes(`${process.pid}`))
      assert.deepEqual(rest, whole)
      assert.deepEqual(metrics, {})
      assert.ok(created > 0)
    })

    law('a run may be given its id, once', async (store) => {
      const run = await store.createRun({ ...spec, id: 'my-study_2' })
      assert.equal((await store.run('my-study_2')).id, run.id)
      await refused(store.createRun({ ...spec, id: 'my-study_2' }), 'RUN_EXISTS', /my-study_2/)
      for (const id of ['', '-a', 'a/b', '../a', 'last', 'a b', 'a'.repeat(65), '.hidden']) {
        await refused(store.createRun({ ...spec, id }), 'RUN_NAME')
      }
    })

    law('runs are found by id, by the first letters, and as the last; others are refused with the nearest names', async (store) => {
      await refused(store.run('last'), 'RUN_UNKNOWN', /no runs at all/)
      const first = await store.createRun({ ...spec, name: 'alpha' })
      const second = await store.createRun({ ...spec, name: 'beta' })
      const third = await store.createRun({ ...spec, name: 'beta' })
      assert.equal((await store.run(first.id)).id, first.id)
      assert.equal((await store.run('al')).id, first.id)
      assert.equal((await store.run('last')).id, third.id)
      await refused(store.run('beta-'), 'RUN_AMBIGUOUS', new RegExp(`${third.id}, ${second.id}`))
      await refused(store.run(`x${first.id}`), 'RUN_UNKNOWN', new RegExp(`Did you mean '${first.id}'`))
      for (const nonsense of ['', '%', '_____', "' OR 1=1"]) await refused(store.metrics(nonsense), 'RUN_UNKNOWN')
    })

    law('runs are listed newest first, and filtered', async (store) => {
      const a = await store.createRun({ ...spec, name: 'a' })
      const b = await store.createRun({ ...spec, name: 'b', mode: 'study', parent: a.id })
      const c = await store.createRun({ ...spec, name: 'a' })
      await c.finish('failed')
      const ids = async (filter?: Parameters<Store['runs']>[0]) => (await store.runs(filter)).map(({ id }) => id)
      assert.deepEqual(await ids(), [c.id, b.id, a.id])
      assert.deepEqual(await ids({ name: 'a' }), [c.id, a.id])
      assert.deepEqual(await ids({ mode: 'study' }), [b.id])
      assert.deepEqual(await ids({ parent: a.id }), [b.id])
      assert.deepEqual(await ids({ status: 'running' }), [b.id, a.id])
      assert.deepEqual(await ids({ status: 'running', limit: 1 }), [b.id])
    })

    law('metrics come back as they are, by key and step; a later value replaces an earlier one', async (store) => {
      const run = await store.createRun(spec)
      const other = await store.createRun(spec)
      const values = [0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE, 2 ** 53, -3]
      for (const [step, value] of values.entries()) run.metric(step, { loss: value, 'é "key"': step })
      run.metric(-1, { loss: 4 })
      run.metric(2, { loss: 2 })
      other.metric(0, { loss: 99 })
      await run.flush()
      await other.flush()
      run.metric(3, { loss: 3 })
      await run.flush()
      const expected = [4, ...values.with(2, 2).with(3, 3)]
      assert.deepEqual(
        (await store.metrics(run.id, 'loss')).map(({ value }) => value),
        expected,
      )
      assert.deepEqual(
        (await store.metrics(run.id, 'loss')).map(({ step }) => step),
        [-1, 0, 1, 2, 3, 4, 5, 6, 7],
      )
      assert.deepEqual(new Set((await store.metrics(run.id)).map(({ key }) => key)), new Set(['loss', 'é "key"']))
      assert.deepEqual(await store.metrics(run.id, 'nothing'), [])
      assert.throws(() => run.metric(0.5, { loss: 1 }), { code: 'BAD_OPTION', message: /step.*0\.5.*whole number/ })
      assert.throws(() => run.metric(1, { loss: '1' as never }), { code: 'BAD_OPTION' })
    })

    law('logs and events keep their order and their text', async (store) => {
      const run = await store.createRun(spec)
      const texts = ['first', 'two\nlines', '', '\u0000 and 漢字', 'last']
      for (const text of texts) run.log('info', text)
      run.event('pause')
      run.event('resume', { at: [1, Number.NaN], why: null })
      await run.flush()
      assert.deepEqual(
        (await store.logs(run.id)).map(({ text }) => text),
        texts,
      )
      assert.deepEqual(
        (await store.events(run.id)).map(({ kind, data }) => ({ kind, data })),
        [
          { kind: 'pause', data: null },
          { kind: 'resume', data: { at: [1, Number.NaN], why: null } },
        ],
      )
    })

    test('what is reported is there for other readers soon, without a flush', async () => {
      await using place = await makePlace()
      const clock = virtualClock(1000)
      await using store = await place.open({ clock })
      await using reader = await place.open({ clock: realClock, readOnly: true })
      const run = await store.createRun(spec)
      run.metric(1, { loss: 1 })
      run.log('warn', 'careful')
      assert.deepEqual(await reader.metrics(run.id), [])
      await clock.advance(2000)
      assert.deepEqual(await reader.metrics(run.id), [{ key: 'loss', step: 1, value: 1, time: 1000 }])
      assert.deepEqual(await reader.logs(run.id), [{ time: 1000, level: 'warn', text: 'careful' }])
      for (let step = 0; step < 10_000; step++) run.metric(step, { many: step })
      assert.ok((await reader.metrics(run.id, 'many')).length > 1000, 'many points are not all kept back in memory')
    })

    law('a finished run has its outcome, and nothing more is written to it', async (store) => {
      const run = await store.createRun(spec)
      run.metric(1, { loss: 1 })
      await run.finish('failed', { metrics: { loss: Number.NaN }, error: { code: 'LOSS_NAN', message: 'The loss is NaN.' } })
      const record = await store.run(run.id)
      assert.equal(record.status, 'failed')
      assert.deepEqual(record.metrics, { loss: Number.NaN })
      assert.deepEqual(record.error, { code: 'LOSS_NAN', message: 'The loss is NaN.' })
      assert.ok((record.ended as number) >= record.created)
      assert.equal((await store.metrics(run.id)).length, 1)
      assert.throws(() => run.metric(2, { loss: 1 }), { code: 'RUN_TAKEN' })
      assert.throws(() => run.log('info', 'late'), { code: 'RUN_TAKEN' })
      await refused(run.flush(), 'RUN_TAKEN')
      await refused(run.finish('finished'), 'RUN_TAKEN')
      await refused(run.artifact('late', new Uint8Array(1), { kind: 'x' }), 'RUN_TAKEN')
      await run[Symbol.asyncDispose]()
      assert.equal((await store.run(run.id)).status, 'failed')
    })

    law('a run that is left without a word is interrupted, and has its points', async (store, place) => {
      let left = ''
      {
        await using run = await store.createRun(spec)
        run.metric(1, { loss: 1 })
        left = run.id
      }
      assert.equal((await store.run(left)).status, 'interrupted')
      assert.equal((await store.metrics(left)).length, 1)
      let closed = ''
      {
        await using second = await place.open({ clock: realClock })
        const run = await second.createRun(spec)
        run.metric(1, { loss: 1 })
        closed = run.id
      }
      assert.equal((await store.run(closed)).status, 'interrupted')
      assert.equal((await store.metrics(closed)).length, 1)
    })

    law('a run has one writer: it can be claimed when it has none, by one of many', async (store, place) => {
      const run = await store.createRun(spec)
      await refused(store.claim(run.id), 'RUN_OWNED', new RegExp(`'${run.id}'.*process ${process.pid}.*still at work`))
      await run.finish('interrupted', { metrics: { loss: 1 }, error: { message: 'Ctrl-C' } })
      await using second = await place.open({ clock: realClock })
      const claims = await Promise.allSettled([store.claim('last'), second.claim(run.id), store.claim(run.id), second.claim(run.id)])
      assert.equal(claims.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const claim of claims) if (claim.status === 'rejected') assert.equal(claim.reason.code, 'RUN_OWNED')
      const { status, ended, error, metrics } = await store.run(run.id)
      assert.deepEqual({ status, ended, error, metrics }, { status: 'running', ended: undefined, error: undefined, metrics: {} })
    })

    law('artifacts: bytes come back, are replaced, listed, removed', async (store) => {
      const run = await store.createRun(spec)
      const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7)
      const record = await run.artifact('checkpoints/step-5.bin', bytes(300), { kind: 'checkpoint', step: 5 })
      await Promise.all([1, 2, 3].map((length) => run.artifact('model.onnx', bytes(length), { kind: 'model' })))
      await run.artifact('model.onnx', bytes(3), { kind: 'model' })
      await run.artifact('empty', bytes(0), { kind: 'report' })
      assert.deepEqual(await store.readArtifact('last', 'checkpoints/step-5.bin'), Buffer.from(bytes(300)))
      assert.deepEqual(Buffer.from(await store.readArtifact(run.id, 'model.onnx')), Buffer.from(bytes(3)))
      assert.equal((await store.readArtifact(run.id, 'empty')).length, 0)
      const all = await store.artifacts(run.id)
      assert.deepEqual(
        all.map(({ name, kind, bytes, step }) => ({ name, kind, bytes, step })),
        [
          { name: 'checkpoints/step-5.bin', kind: 'checkpoint', bytes: 300, step: 5 },
          { name: 'empty', kind: 'report', bytes: 0, step: undefined },
          { name: 'model.onnx', kind: 'model', bytes: 3, step: undefined },
        ],
      )
      assert.deepEqual(all[0], record)
      await run.removeArtifact('empty')
      await refused(store.readArtifact(run.id, 'empty'), 'ARTIFACT_UNKNOWN')
      await refused(run.removeArtifact('empty'), 'ARTIFACT_UNKNOWN')
      await refused(store.readArtifact(run.id, 'modell.onnx'), 'ARTIFACT_UNKNOWN', /Did you mean 'model.onnx'/)
      for (const name of [
        '',
        '/etc/passwd',
        '../up',
        'a/../../b',
        'a//b',
        'a/',
        '.hidden',
        'a\\b',
        'a b',
        'dot.',
        'a\u0000',
        'x'.repeat(300),
      ])
        await refused(run.artifact(name, bytes(1), { kind: 'x' }), 'ARTIFACT_NAME')
    })

    law('an artifact is recorded after everything reported before it', async (store, place) => {
      await using reader = await place.open({ clock: realClock, readOnly: true })
      const run = await store.createRun(spec)
      run.metric(1, { loss: 1 })
      await run.artifact('checkpoint', new Uint8Array(8), { kind: 'checkpoint', step: 1 })
      assert.equal((await reader.metrics(run.id)).length, 1)
    })

    law('a deleted run is gone with all it had; its parts stay; one at work is not deleted', async (store) => {
      const run = await store.createRun(spec)
      const part = await store.createRun({ ...spec, parent: run.id })
      run.metric(1, { loss: 1 })
      await run.artifact('model', new Uint8Array(8), { kind: 'model' })
      await refused(store.deleteRun(run.id), 'RUN_OWNED')
      await run.finish('finished')
      await store.deleteRun(run.id)
      await refused(store.run(run.id), 'RUN_UNKNOWN')
      await refused(store.metrics(run.id), 'RUN_UNKNOWN')
      assert.equal((await store.run(part.id)).parent, undefined)
      const next = await store.createRun(spec)
      assert.deepEqual(await store.metrics(next.id), [])
      assert.deepEqual(await store.artifacts(next.id), [])
    })

    law('a store opened for reading is read while others write, and never written', async (store, place) => {
      const run = await store.createRun(spec)
      await using reader = await place.open({ clock: realClock, readOnly: true })
      for (let step = 0; step < 20; step++) {
        run.metric(step, { loss: step })
        await run.flush()
        assert.equal((await reader.metrics('last')).length, step + 1)
      }
      await refused(reader.createRun(spec), 'STORE_READ_ONLY')
      await refused(reader.deleteRun(run.id), 'STORE_READ_ONLY')
      await run.finish('finished')
      await refused(reader.claim(run.id), 'STORE_READ_ONLY')
    })
  })
}
