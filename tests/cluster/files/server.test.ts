import assert from 'node:assert/strict'
import { chmod, lutimes, mkdtemp, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileServer } from '../../../src/cluster/files/index.ts'
import { lockAt } from '../../../src/cluster/files/lock.ts'
import { isGone, ownerName } from '../../../src/cluster/files/owner.ts'
import { mostFiles } from '../../../src/cluster/files/protocol.ts'
import { rememberedSums, sumOf } from '../../../src/cluster/files/sums.ts'
import { list } from '../../../src/cluster/files/tree.ts'
import { sha256 } from '../../../src/core/bytes.ts'
import { realClock } from '../../../src/core/clock.ts'
import type { Json } from '../../../src/core/json.ts'
import { type Connection, unix } from '../../../src/net/index.ts'
import { scene } from './helpers.ts'

type Heard = { answer: string; id: number; why?: string; last?: boolean; files?: { name: string; sha256?: string }[] }

/** Says one thing and waits for the answer to it. */
function talk(connection: Connection) {
  const waiting = new Map<number, (answer: Heard) => void>()
  connection.onMessage(({ body }) => {
    const heard = body as unknown as Heard
    if (heard.answer !== 'busy') waiting.get(heard.id)?.(heard)
  })
  let id = 0
  return async (body: { readonly [key: string]: Json }): Promise<Heard> => {
    const own = id++
    const answer = new Promise<Heard>((resolve) => waiting.set(own, resolve))
    connection.send({ ...body, id: own })
    return await Promise.race([answer, connection.closed.then((reason) => ({ answer: `closed: ${reason}`, id: own }))])
  }
}

test('nothing outside of the roots is answered about, whatever the path is written like', async () => {
  await using here = await scene({ roots: (there) => [join(there, 'open'), join(there, 'one.csv')] })
  await here.write({ 'open/a': 'a', 'one.csv': '1', 'open-not/b': 'b', secret: 's' })
  await symlink(join(here.there, 'secret'), join(here.there, 'open', 'link'))
  const ask = talk(await here.dial())
  const look = (path: string) => ask({ ask: 'look', path, sums: true })
  const at = (...parts: string[]) => [here.there, ...parts].join('/')
  for (const path of [
    at('secret'),
    at('open/../secret'),
    at('open-not/b'),
    at('open//a'),
    at('open/./a'),
    'open/a',
    '/',
    '/etc/passwd',
    at('one.csv/x/../../secret'),
    at('open/'),
  ])
    assert.equal((await look(path)).answer, 'refused', path)
  const link = await look(at('open/link'))
  assert.deepEqual([link.answer, link.why], ['refused', 'is a link that leads out of the folders that may be read'])
  assert.equal((await look(at('open'))).answer, 'refused')
  assert.equal((await look(at('open/none'))).answer, 'missing')
  assert.equal((await look(at('open/a/below'))).answer, 'missing')
  assert.deepEqual(
    (await look(at('one.csv'))).files?.map(({ name }) => name),
    ['one.csv'],
  )
  // Not by its content either: nobody was told of it.
  assert.equal((await ask({ ask: 'get', sha256: sha256('s'), from: 0 })).answer, 'changed')
  assert.throws(() => fileServer({ roots: ['relative'], clock: realClock }), /absolute/)
})

test('a file that was exchanged after its manifest is not sent', async () => {
  const exchanges: Record<string, (path: string, secret: string) => Promise<unknown>> = {
    'a link': (path, secret) => rm(path).then(() => symlink(secret, path)),
    'another file': (path) => writeFile(`${path}.new`, 'twos').then(() => rename(`${path}.new`, path)),
    'a shorter one': (path) => truncate(path, 1),
    nothing: (path) => rm(path),
  }
  for (const [name, exchange] of Object.entries(exchanges)) {
    await using here = await scene({ roots: (there) => [join(there, 'open')] })
    await here.write({ 'open/deep/a': 'ones', secret: 'ones' })
    const ask = talk(await here.dial())
    await ask({ ask: 'look', path: join(here.there, 'open'), sums: true })
    const get = { ask: 'get', sha256: sha256('ones') }
    assert.equal((await ask({ ...get, from: 0 })).answer, 'chunk')
    assert.equal((await ask({ ...get, from: 5 })).answer, 'changed', 'from beyond its end')
    await exchange(join(here.there, 'open', 'deep', 'a'), join(here.there, 'secret'))
    assert.equal((await ask({ ...get, from: 0 })).answer, 'changed', name)
  }
  // And so is a folder above it.
  await using here = await scene({ roots: (there) => [join(there, 'open')] })
  await here.write({ 'open/deep/a': 'ones' })
  const ask = talk(await here.dial())
  await ask({ ask: 'look', path: join(here.there, 'open'), sums: true })
  await rename(join(here.there, 'open', 'deep'), join(here.there, 'deep'))
  await symlink(join(here.there, 'deep'), join(here.there, 'open', 'deep'))
  assert.equal((await ask({ ask: 'get', sha256: sha256('ones'), from: 0 })).answer, 'changed')
})

test('nonsense closes the connection with a sentence, and the others are served', async () => {
  await using here = await scene({ transport: unix() })
  await here.write({ a: 'a' })
  const nonsense: Json[] = [
    null,
    'look',
    {},
    { ask: 'look', id: 0 },
    { ask: 'look', id: 0, path: 7, sums: true },
    { ask: 'look', id: 0, path: '/'.repeat(5000), sums: true },
    { ask: 'look', id: -1, path: '/x', sums: true },
    { ask: 'look', id: 0, path: '/x', sums: true, more: 1 },
    { ask: 'get', id: 0, sha256: '../../etc/passwd', from: 0 },
    { ask: 'get', id: 0, sha256: sha256('a'), from: 0.5 },
    { ask: 'got', bytes: 1 },
    { ask: 'rm', id: 0 },
  ]
  for (const body of nonsense) {
    const connection = await here.dial()
    connection.send(body)
    assert.match(
      await connection.closed,
      /^a message could not be dealt with: (what arrived is no request for files: .+|1 bytes .+)$/,
      JSON.stringify(body),
    )
  }
  const many = await here.dial()
  many.onMessage(() => undefined)
  for (let id = 0; id < 100; id++) many.send({ ask: 'look', id, path: here.there, sums: true })
  assert.match(await many.closed, /more than 64 requests for files at once/)
  const twice = await here.dial()
  for (let i = 0; i < 2; i++) twice.send({ ask: 'look', id: 0, path: here.there, sums: true })
  assert.match(await twice.closed, /asked twice/)
  assert.match(await here.worker().place('/driver-of-the-test/a'), /\/a$/)
})

test('of a worker that never takes what it asked for little waits, and it is left after a minute', async () => {
  let hurry = false
  let elapsed = 0
  const clock = {
    ...realClock,
    elapsed: () => (hurry ? (elapsed += 70_000) : 0),
    sleep: (ms: number, signal?: AbortSignal) => realClock.sleep(ms === 60_000 ? (hurry ? 1 : 20) : ms, signal),
  }
  await using here = await scene({ transport: unix(), clock })
  const size = 40 * 2 ** 20
  await here.write({ 'a.bin': '', 'b.bin': 'b' })
  await truncate(join(here.there, 'a.bin'), size)
  const greedy = await here.dial()
  let taken = 0
  let sum = ''
  const looked = Promise.withResolvers<void>()
  greedy.onMessage(({ body, bytes }) => {
    taken += bytes?.byteLength ?? 0
    sum = (body as unknown as Heard).files?.[0]?.sha256 ?? sum
    looked.resolve()
  })
  greedy.send({ ask: 'look', id: 0, path: join(here.there, 'a.bin'), sums: true })
  await looked.promise
  for (let id = 1; id < 6; id++) greedy.send({ ask: 'get', id, sha256: sum, from: 0 })
  // Others are served meanwhile.
  const other = here.worker({ clock: realClock })
  assert.equal((await stat(await other.place('/driver-of-the-test/a.bin'))).size, size)
  assert.ok(here.served.every(({ pending }) => pending <= 9 * 2 ** 20))
  assert.equal(taken, 8 * 2 ** 20)
  await other[Symbol.asyncDispose]()
  hurry = true
  assert.match(await greedy.closed, /were not taken for 60 s/)
})

test('sums are remembered while a file looks the same, and what is damaged is ignored', async () => {
  await using here = await scene()
  await here.write({ a: 'ones' })
  const path = join(here.there, 'a')
  const folder = join(here.there, '..', 'own-sums')
  const long = { ...realClock, now: () => realClock.now() + 60_000 }
  const found = async () => {
    const listing = await list(path)
    assert.ok(listing.kind === 'tree' && listing.files[0] !== undefined)
    return listing.files[0]
  }
  // Dates can be set, as npm sets those of packages; the time of change cannot.
  const date = () => utimes(path, 1000, 1000)
  await date()
  const before = await found()
  const first = rememberedSums(long, folder)
  assert.equal(await first.of(before), sha256('ones'))
  await first.save()
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  // Other bytes that look the same: what was written down is believed. With another time it is read again.
  await writeFile(path, 'twos')
  await date()
  const same = { ...(await found()), ctimeMs: before.ctimeMs }
  assert.equal(same.mtimeMs, before.mtimeMs)
  assert.equal(await rememberedSums(long, folder).of(same), sha256('ones'))
  assert.equal(await rememberedSums(long, folder).of(await found()), sha256('twos'))
  // A file written just now may be written again in the same moment: its sum is not kept.
  const young = rememberedSums(realClock, join(here.there, '..', 'young'))
  await writeFile(path, 'four')
  const now = await found()
  assert.equal(await young.of(now), sha256('four'))
  for (const damage of ['', 'nonsense', '{"a":1}', '[[1,2]]', `[["${path}",[4,1,1,1,"no sum"]]]`]) {
    await writeFile(join(folder, 'sums.json'), damage)
    assert.equal(await rememberedSums(long, folder).of(await found()), sha256('four'))
  }
  // A folder that others may write says nothing.
  await writeFile(join(folder, 'sums.json'), JSON.stringify([[path, [now.size, now.mtimeMs, now.ctimeMs, now.ino, sha256('lies')]]]))
  assert.equal(await rememberedSums(long, folder).of(now), sha256('lies'))
  await chmod(folder, 0o777)
  assert.equal(await rememberedSums(long, folder).of(now), sha256('four'))
  assert.equal(await sumOf({ ...now, size: 3 }), undefined)
})

test('folders with too many files, links in circles and pipes', async () => {
  await using here = await scene()
  await here.write({ 'set/a': '', 'set/b/c': '', 'set/b/d': '' })
  const path = join(here.there, 'set')
  assert.equal((await list(path, undefined, 3)).kind, 'tree')
  const many = await list(path, undefined, 2)
  assert.ok(many.kind === 'refused' && many.why.startsWith('holds more than 2 files'))
  assert.equal(mostFiles, 100_000)
  await symlink(path, join(path, 'b', 'up'))
  const circle = await list(path)
  assert.ok(circle.kind === 'refused' && circle.why.includes("'b/up/'"), JSON.stringify(circle))
  await symlink('self', join(path, 'self'))
  assert.equal((await list(join(path, 'self'))).kind, 'missing')
})

test('a lock is taken over from the dead at once and from the silent after 15 s, and from nobody else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-lock-'))
  try {
    let elapsed = 0
    const clock = { ...realClock, elapsed: () => elapsed, every: () => ({ stop: () => undefined }) }
    const path = join(folder, 'lock')
    const mine = await lockAt(path, ownerName(), clock).take()
    assert.ok(mine)
    const other = lockAt(path, ownerName(), clock)
    assert.equal(await other.take(), undefined)
    elapsed += 14_000
    assert.equal(await other.take(), undefined)
    await lutimes(path, 1000, 1000)
    elapsed += 14_000
    assert.equal(await other.take(), undefined, 'it gave a sign')
    elapsed += 16_000
    const taken = await other.take()
    assert.ok(taken, 'silent')
    await mine[Symbol.asyncDispose]()
    assert.equal(await lockAt(path, ownerName(), clock).take(), undefined, 'who lost it does not release it')
    await taken[Symbol.asyncDispose]()

    const [place = '', pid = '', started = ''] = ownerName().split('-')
    const owners = {
      [`${place}-${pid}-${started}-x`]: false,
      [`${place}-${2 ** 22 + 5}-1-x`]: true,
      [`${place}-${pid}-1-x`]: true,
      [`00000000-${pid}-1-x`]: undefined,
      '': undefined,
      'a-b': undefined,
      [`${place}--1`]: undefined,
    }
    for (const [owner, gone] of Object.entries(owners)) if (started !== 'x') assert.equal(isGone(owner), gone, owner)
    await symlink(`${place}-${2 ** 22 + 5}-1-x`, path)
    assert.ok(await lockAt(path, ownerName(), clock).take(), 'dead')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
