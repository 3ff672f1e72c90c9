/** A store that cannot be used, or not as usual: each time a sentence, and nothing lost. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite, test } from 'node:test'
import { realClock, virtualClock } from '../../src/core/clock.ts'
import { openStore } from '../../src/store/index.ts'
import { connect } from '../../src/store/sqlite/connection.ts'
import { migrations, prepare } from '../../src/store/sqlite/schema.ts'
import { sqliteStore } from '../../src/store/sqlite.ts'
import { temporary } from './place.ts'

const spec = { name: 'mnist', mode: 'single', seed: 7, config: {} }
const fileOf = (path: string) => join(path, 'tutti.db')

/** A store with one finished run of three points, closed. */
async function filled(path: string): Promise<void> {
  await using store = await openStore({ path })
  await using run = await store.createRun(spec)
  for (let step = 0; step < 3; step++) run.metric(step, { loss: step })
  await run.artifact('model.bin', new Uint8Array(100).fill(7), { kind: 'model' })
  await run.finish('finished')
}

suite('store: what is not a store', () => {
  test('a folder without one, for reading', async () => {
    await using folder = await temporary()
    await assert.rejects(openStore({ path: folder.path, readOnly: true }), { code: 'STORE_MISSING', message: /Train something first/ })
    writeFileSync(fileOf(folder.path), '')
    await assert.rejects(openStore({ path: folder.path, readOnly: true }), { code: 'STORE_MISSING' })
    await filled(folder.path) // and an empty file, left by a process killed while it made a store, does not stand in the way
  })

  test('a file where the folder should be', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'notes.txt')
    writeFileSync(path, 'mine')
    for (const place of [path, join(path, 'store')]) await assert.rejects(openStore({ path: place }), { code: 'STORE_FOREIGN' })
    assert.equal(readFileSync(path, 'utf8'), 'mine')
  })

  test('a folder that cannot be made, for whatever reason', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'x'.repeat(300))
    await assert.rejects(openStore({ path }), { code: 'STORE_FAILED', message: /x' failed: ENAMETOOLONG/ })
  })

  test('a text file, and the database of another program: left as they are', async () => {
    await using folder = await temporary()
    const file = fileOf(folder.path)
    writeFileSync(file, 'not a database, but long enough to look like one\n'.repeat(100))
    await assert.rejects(openStore({ path: folder.path }), { code: 'STORE_FOREIGN', message: /not a SQLite file/ })
    await rm(file)
    {
      using other = new DatabaseSync(file)
      other.exec('CREATE TABLE songs (title TEXT); PRAGMA user_version = 99')
    }
    const before = readFileSync(file)
    await assert.rejects(openStore({ path: folder.path }), { code: 'STORE_FOREIGN', message: /another program/ })
    await assert.rejects(openStore({ path: folder.path, readOnly: true }), { code: 'STORE_FOREIGN' })
    assert.deepEqual(readFileSync(file), before)
  })

  test('a damaged file', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    const bytes = readFileSync(fileOf(folder.path))
    writeFileSync(fileOf(folder.path), bytes.fill(0xff, 4096)) // all pages but the first, which lists the tables
    const use = async () => {
      await using store = await openStore({ path: folder.path })
      return store.runs()
    }
    await assert.rejects(use(), { code: 'STORE_CORRUPT', message: /damaged: .*Restore/ })
  })
})

suite('store: versions', () => {
  test('a newer schema is refused, naming both versions', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    {
      using database = new DatabaseSync(fileOf(folder.path))
      database.exec('PRAGMA user_version = 41')
    }
    for (const readOnly of [false, true]) {
      const message = new RegExp(`version 41, .* up to ${migrations.length}\\. Update tutti`)
      await assert.rejects(openStore({ path: folder.path, readOnly }), { code: 'STORE_NEWER', message })
    }
  })

  test('an older schema is brought up to date, with its data; for reading only it is refused', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    const steps = [...migrations, "ALTER TABLE runs ADD COLUMN mood TEXT NOT NULL DEFAULT 'good'"]
    const reader = connect(fileOf(folder.path), { readOnly: true })
    await assert.rejects(prepare(reader, folder.path, realClock, steps), { code: 'STORE_OLDER', message: /version 1 .* version 2/ })
    reader.close()
    const connection = connect(fileOf(folder.path))
    await prepare(connection, folder.path, realClock, steps)
    await prepare(connection, folder.path, realClock, steps)
    assert.deepEqual({ ...connection.sql('SELECT mood FROM runs').get() }, { mood: 'good' })
    assert.equal((await sqliteStore(connection, folder.path, realClock).metrics('last')).length, 3)
    await assert.rejects(prepare(connection, folder.path, realClock, migrations), { code: 'STORE_NEWER' })
    connection.close()
  })

  test('a migration that fails changes nothing', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    const connection = connect(fileOf(folder.path))
    const steps = [...migrations, 'ALTER TABLE runs ADD COLUMN mood TEXT', 'nonsense']
    await assert.rejects(prepare(connection, folder.path, realClock, steps), { code: 'STORE_FAILED' })
    connection.close()
    await using store = await openStore({ path: folder.path })
    assert.equal((await store.runs()).length, 1)
  })
})

suite('store: locked', () => {
  test('locked for longer than the patience is an error; what was reported is kept and written later', async () => {
    await using folder = await temporary()
    const clock = virtualClock(1000)
    await using store = await openStore({ path: folder.path, clock, patience: 0.02 })
    await using run = await store.createRun(spec)
    using other = new DatabaseSync(fileOf(folder.path))
    other.exec('BEGIN IMMEDIATE')
    run.metric(1, { loss: 1 })
    await assert.rejects(run.flush(), { code: 'STORE_LOCKED', message: /more than 0\.02 s/ })
    await assert.rejects(store.createRun(spec), { code: 'STORE_LOCKED' })
    await clock.advance(5000) // written in the background: in vain, but no harm to the training
    run.metric(2, { loss: 2 })
    assert.deepEqual(await store.metrics(run.id), [], 'readers do not wait')
    other.exec('COMMIT')
    await clock.advance(5000)
    assert.deepEqual(
      (await store.metrics(run.id)).map(({ step }) => step),
      [1, 2],
    )
  })
})

suite('store: made by two at once', () => {
  test('a process that finds another one making the store waits for it', async () => {
    await using folder = await temporary()
    using other = new DatabaseSync(fileOf(folder.path))
    other.exec('BEGIN IMMEDIATE')
    let waited = 0
    const sleep = async () => {
      if (waited++ === 3) other.exec('COMMIT')
    }
    await using store = await openStore({ path: folder.path, clock: { ...realClock, sleep } })
    assert.deepEqual(await store.runs(), [])
    assert.ok(waited > 3)
  })
})

suite('store: full', () => {
  test('a full file is an error, what was flushed stays, and what was not is written when there is room again', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    const connection = connect(fileOf(folder.path))
    const clock = virtualClock(1000)
    await using store = sqliteStore(connection, folder.path, clock)
    await using run = await store.createRun(spec)
    connection.exec('PRAGMA max_page_count = 40')
    run.log('info', 'short')
    await run.flush()
    run.log('info', 'long '.repeat(40_000))
    await assert.rejects(run.flush(), { code: 'STORE_FULL', message: /full.*Free some space/ })
    await clock.advance(5000)
    assert.throws(() => run.log('info', 'more'), { code: 'STORE_FULL' }, 'told by the background to whoever reports next')
    assert.equal((await store.logs(run.id)).length, 1)
    connection.exec('PRAGMA max_page_count = 4000')
    await run.flush()
    assert.equal((await store.logs(run.id)).length, 3)
    run.log('info', 'on it goes')
    await run.finish('finished')
  })

  // A file system of our own, where the system lets us have one.
  const shell = (script: string) => ['-rm', 'sh', '-ec', script]
  const canMount = spawnSync('unshare', shell('mount -t tmpfs -o size=1m none /mnt')).status === 0
  const skip = canMount ? false : 'no user namespaces here'
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const worker = `${quote(process.execPath)} ${quote(join(import.meta.dirname, 'worker.ts'))}`
  const inNamespace = async (script: string) => {
    const child = spawn('unshare', shell(script), { stdio: ['ignore', 'pipe', 'inherit'] })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    return Buffer.concat(output).toString().trim().split('\n')
  }

  test('a full disk', { skip }, async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'small')
    await mkdir(path)
    const said = await inNamespace(`mount -t tmpfs -o size=2m none ${quote(path)}; ${worker} fill ${quote(join(path, 'store'))}`)
    assert.deepEqual(said, ['STORE_FULL', 'STORE_FULL', '0'])
  })

  test('a read-only disk: refused for writing, read all the same', { skip }, async () => {
    await using folder = await temporary()
    await filled(folder.path)
    const place = quote(folder.path)
    const said = await inNamespace(`mount --bind ${place} ${place}; mount -o remount,bind,ro ${place}; ${worker} readonly ${place}`)
    assert.deepEqual(said, ['STORE_READ_ONLY', '3'])
  })
})

suite('store: ousted and damaged', () => {
  test('a writer whose lease was taken over writes nothing more', async () => {
    await using folder = await temporary()
    const clock = virtualClock(1000)
    await using store = await openStore({ path: folder.path, clock })
    await using run = await store.createRun(spec)
    run.metric(1, { loss: 1 })
    await run.flush()
    const away = { pid: 1, host: 'elsewhere', place: 'elsewhere', started: null }
    {
      // as if this process were on another machine, and out of reach for a while
      using database = new DatabaseSync(fileOf(folder.path))
      database.prepare('UPDATE leases SET owner = ?').run(JSON.stringify(away))
    }
    await using rival = await openStore({ path: folder.path, clock: virtualClock(1000 + 30_000) })
    await assert.rejects(rival.claim(run.id), { code: 'RUN_OWNED', message: /process 1 on host elsewhere/ })
    await using late = await openStore({ path: folder.path, clock: virtualClock(1000 + 30_001) })
    assert.equal((await late.run(run.id)).status, 'lost')
    await using heir = await late.claim(run.id)
    run.metric(2, { loss: 2 })
    await assert.rejects(run.flush(), { code: 'RUN_TAKEN' })
    await assert.rejects(run.artifact('model', new Uint8Array(1), { kind: 'model' }), { code: 'RUN_TAKEN' })
    heir.metric(3, { loss: 3 })
    await heir.flush()
    assert.deepEqual(
      (await store.metrics(run.id)).map(({ step }) => step),
      [1, 3],
    )
    await clock.advance(2000)
    assert.throws(() => run.metric(4, { loss: 4 }), { code: 'RUN_TAKEN' })
    await run[Symbol.asyncDispose]()
    assert.equal((await store.run(run.id)).status, 'running', 'it is the heir that ends it')
  })

  test('a living writer renews its lease, also when it reports nothing', async () => {
    await using folder = await temporary()
    const clock = virtualClock(1000)
    await using store = await openStore({ path: folder.path, clock })
    await using run = await store.createRun(spec)
    await clock.advance(60_000)
    using database = new DatabaseSync(fileOf(folder.path))
    const { heartbeat } = database.prepare('SELECT heartbeat FROM leases').get() as { heartbeat: number }
    assert.ok(61_000 - heartbeat <= 10_000, `${run.id} was last alive at ${heartbeat}`)
  })

  test('an artifact that is being replaced is whole until the new one is recorded', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    const connection = connect(fileOf(folder.path))
    await using store = sqliteStore(connection, folder.path, realClock)
    await using run = await store.claim('last')
    connection.exec("CREATE TEMP TRIGGER crash BEFORE INSERT ON artifacts BEGIN SELECT RAISE(ABORT, 'no row today'); END")
    await assert.rejects(run.artifact('model.bin', new Uint8Array(5), { kind: 'model' }), { code: 'STORE_FAILED', message: /no row today/ })
    assert.equal((await store.readArtifact(run.id, 'model.bin')).length, 100)
    connection.exec('DROP TRIGGER crash')
    await run.artifact('model.bin', new Uint8Array(5), { kind: 'model' })
    assert.equal((await store.readArtifact(run.id, 'model.bin')).length, 5)
    assert.equal(readdirSync(join(folder.path, 'artifacts', run.id)).length, 1)
  })

  test('an artifact that was changed, cut or removed is refused', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    await using store = await openStore({ path: folder.path, readOnly: true })
    const [record] = await store.artifacts('last')
    const file = join(folder.path, record?.path as string)
    for (const damage of [new Uint8Array(100).fill(8), new Uint8Array(99).fill(7), new Uint8Array(0)]) {
      writeFileSync(file, damage)
      await assert.rejects(store.readArtifact('last', 'model.bin'), { code: 'ARTIFACT_CORRUPT', message: /model\.bin/ })
    }
    await rm(file)
    await assert.rejects(store.readArtifact('last', 'model.bin'), { code: 'ARTIFACT_MISSING', message: /is gone/ })
  })

  test('a field that does not hold JSON is damage, not a bug', async () => {
    await using folder = await temporary()
    await filled(folder.path)
    {
      using database = new DatabaseSync(fileOf(folder.path))
      database.exec("UPDATE runs SET config = '{'")
    }
    await using store = await openStore({ path: folder.path })
    await assert.rejects(store.run('last'), { code: 'STORE_CORRUPT', message: /JSON/ })
  })
})
