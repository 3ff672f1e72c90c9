/** Several processes at one store, and processes that are killed. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { openStore } from '../../src/store/index.ts'
import { temporary, work } from './place.ts'

suite('store: many processes', () => {
  test('four processes write into one new store: every point is there, and readers never fail', async () => {
    await using folder = await temporary()
    await using stack = new AsyncDisposableStack()
    const writers = [1, 2, 3, 4].map(() => stack.use(work('write', folder.path, '3', '400')))
    let working = true
    const done = Promise.all(writers.map(({ exit }) => exit)).finally(() => {
      working = false
    })
    let looks = 0
    while (working) {
      if (existsSync(join(folder.path, 'tutti.db'))) {
        // The very first moments are STORE_MISSING: there is no table yet. Anything else would be an error.
        await openStore({ path: folder.path, readOnly: true }).then(
          async (reader) => {
            for (const { id } of await reader.runs()) {
              const steps = (await reader.metrics(id)).map(({ step }) => step)
              assert.deepEqual(steps, [...steps.keys()], 'a reader sees whole transactions')
            }
            looks++
            await reader[Symbol.asyncDispose]()
          },
          (error) => assert.equal(error.code, 'STORE_MISSING'),
        )
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(await done, [0, 0, 0, 0])
    assert.ok(looks > 0)
    await using store = await openStore({ path: folder.path, readOnly: true })
    const runs = await store.runs()
    assert.equal(runs.length, 12)
    for (const { id, status, config } of runs) {
      assert.equal(status, 'finished')
      const points = await store.metrics(id)
      assert.deepEqual(
        points.map(({ value }) => value),
        Array.from({ length: 400 }, (_, step) => step * (config.n as number)),
      )
    }
  })

  test('kill -9 at any moment: the store is whole, has all that was flushed, and shows the run as lost', async () => {
    await using folder = await temporary()
    const chance = random('kill')
    for (let time = 0; time < 10; time++) {
      await using writer = work('endless', folder.path)
      const { process: child, lines, exit } = writer
      const id = (await lines.next()).value as string
      const last: Record<string, number> = { flushed: -1, checkpoint: -1 }
      let patience = chance.int(30)
      for (;;) {
        const { value, done } = await lines.next()
        if (done) break
        const [what, step] = value.split(' ') as [string, string]
        last[what] = Number(step)
        if (patience-- === 0) setTimeout(() => child.kill('SIGKILL'), chance.uniform() * 4)
      }
      assert.equal(await exit, 'SIGKILL')

      {
        await using store = await openStore({ path: folder.path, readOnly: time % 2 === 0 })
        const record = await store.run(id)
        assert.equal(record.status, 'lost')
        assert.ok((record.ended as number) >= record.created)
        const steps = (await store.metrics(id)).map(({ step }) => step)
        assert.deepEqual(steps, [...steps.keys()])
        assert.ok(steps.length > (last.flushed as number), `${steps.length} points, and step ${last.flushed} was flushed`)
        assert.equal((await store.logs(id)).length, steps.length)
        const [checkpoint] = await store.artifacts(id)
        assert.ok((checkpoint?.step ?? -1) >= (last.checkpoint as number))
        if (checkpoint) assert.equal((await store.readArtifact(id, 'checkpoint.bin'))[9_999], (checkpoint.step as number) % 256)
      }
      using database = new DatabaseSync(join(folder.path, 'tutti.db'))
      assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
    }

    await using store = await openStore({ path: folder.path })
    for (const { id } of await store.runs()) {
      const run = await store.claim(id)
      const place = join(folder.path, 'artifacts', id)
      const files = existsSync(place) ? readdirSync(place) : []
      assert.equal(files.length, (await store.artifacts(id)).length, 'claiming a run removes what was left half done')
      await run.finish('finished')
    }
  })

  test('two processes claim the same lost run: exactly one has it, and when that is killed the other can', async () => {
    await using folder = await temporary()
    let id = ''
    {
      await using writer = work('endless', folder.path)
      id = (await writer.lines.next()).value as string
    }

    for (let round = 0; round < 3; round++) {
      await using store = await openStore({ path: folder.path })
      {
        await using stack = new AsyncDisposableStack()
        const rivals = [1, 2].map(() => stack.use(work('claim', folder.path, id)))
        for (const { lines } of rivals) assert.equal((await lines.next()).value, 'ready')
        for (const { process } of rivals) process.stdin?.write('go\n')
        const outcomes = await Promise.all(rivals.map(async ({ lines }) => (await lines.next()).value))
        assert.deepEqual(outcomes.toSorted(), ['RUN_OWNED', 'won'])
        assert.equal((await store.run(id)).status, 'running')
        await assert.rejects(store.claim(id), { code: 'RUN_OWNED' })
        await assert.rejects(store.deleteRun(id), { code: 'RUN_OWNED' })
      }
      assert.equal((await store.run(id)).status, 'lost')
    }
  })
})
