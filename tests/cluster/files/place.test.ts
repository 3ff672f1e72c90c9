import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, cp, lstat, mkdir, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../../../src/core/bytes.ts'
import { realClock } from '../../../src/core/clock.ts'
import { TuttiError } from '../../../src/core/errors.ts'
import { random } from '../../../src/core/random.ts'
import { unix } from '../../../src/net/index.ts'
import { contents, elsewhere, scene } from './helpers.ts'

const says =
  (code: string, ...words: string[]) =>
  (error: unknown) =>
    error instanceof TuttiError && error.code === code && words.every((word) => error.message.includes(word))
const chance = random('files')
const bytes = (length: number) => Uint8Array.from({ length }, () => chance.int(256))
const big = bytes(3 * 2 ** 20 + 17)
const set = { 'set/a.csv': 'x,y\n1,2\n', 'set/deep/er/b.bin': big, 'set/deep/c.bin': big, 'set/empty': '', 'set/ünï köd.txt': 'ü' }

for (const transport of [undefined, unix()])
  test(`the same bytes arrive whatever the tree, over ${transport?.name ?? 'memory'}`, async () => {
    await using here = await scene({ transport })
    for (let round = 0; round < 6; round++) {
      const files: Record<string, Uint8Array> = {}
      const known = [bytes(1), bytes(100)]
      for (let i = chance.int(12); i >= 0; i--) {
        const depth = chance.int(4)
        const folders = Array.from({ length: depth }, () => `f${chance.int(3)}`)
        files[[`${round}`, ...folders, `file ${i}`].join('/')] =
          chance.int(3) === 0 ? (known[chance.int(2)] as Uint8Array) : bytes(chance.int(5000))
      }
      await here.write(files)
      await mkdir(join(here.there, `${round}`, 'nothing', 'in', 'it'), { recursive: true })
      const worker = here.worker()
      const where = await worker.place(`${elsewhere}/${round}`)
      assert.notEqual(where, `${elsewhere}/${round}`)
      assert.deepEqual(await contents(where), await contents(join(here.there, `${round}`)))
    }
  })

test('a file keeps its name, and content is fetched once whatever its names', async () => {
  await using here = await scene()
  await here.write({ ...set, 'again.bin': big })
  const worker = here.worker()
  const file = await worker.place(`${elsewhere}/set/a.csv`)
  assert.match(file, /\/a\.csv$/)
  assert.equal(await readFile(file, 'utf8'), 'x,y\n1,2\n')
  const [folder, again] = await Promise.all([worker.place(`${elsewhere}/set`), worker.place(`${elsewhere}/again.bin`)])
  assert.deepEqual(await contents(folder), await contents(join(here.there, 'set')))
  assert.equal(new Set(here.gets).size, here.gets.length)
  assert.equal(here.gets.length, 4)
  // One file on the disk: b.bin, c.bin, again.bin and the blob.
  assert.equal((await stat(again)).ino, (await stat(join(folder, 'deep', 'c.bin'))).ino)
  assert.equal((await stat(again)).nlink, 4)
})

test('a second place asks nothing, and another worker fetches nothing', async () => {
  await using here = await scene()
  await here.write(set)
  const worker = here.worker()
  const first = await worker.place(`${elsewhere}/set`)
  const [looks, gets] = [here.looks.length, here.gets.length]
  assert.equal(await worker.place(`${elsewhere}/set`), first)
  assert.equal(here.looks.length, looks)
  assert.equal(await here.worker().place(`${elsewhere}/set`), first)
  assert.equal(here.gets.length, gets)
  // Nor is it fetched again when only the time of change is another.
  await utimes(join(here.there, 'set', 'a.csv'), 5000, 5000)
  assert.equal(await here.worker().place(`${elsewhere}/set`), first)
  assert.equal(here.gets.length, gets)
})

test('what the node sees at the same path is used there', async () => {
  await using here = await scene()
  await here.write(set)
  const copy = join(here.cache, '..', 'copy')
  // The worker's name for it is a real folder this time: what the driver has, copied there.
  const dial = async () => {
    const connection = await here.dial()
    return { ...connection, send: (body: never) => connection.send(JSON.parse(JSON.stringify(body).replace(copy, here.there))) }
  }
  const worker = () => here.worker({ dial, roots: [copy] })
  const path = join(copy, 'set')
  await cp(here.there, copy, { recursive: true, preserveTimestamps: true })
  assert.equal(await worker().place(path), path)
  await utimes(join(path, 'a.csv'), 7000, 7000)
  assert.equal(await worker().place(path), path)
  assert.equal(here.gets.length, 0)
  // One more file, other bytes of the same length, or an empty folder: it is not the same.
  await writeFile(join(path, 'more'), '')
  assert.notEqual(await worker().place(path), path)
  await rm(join(path, 'more'))
  await mkdir(join(path, 'more'))
  assert.notEqual(await worker().place(path), path)
  await rm(join(path, 'more'), { recursive: true })
  assert.equal(await worker().place(path), path)
  await writeFile(join(path, 'a.csv'), 'x,y\n1,3\n')
  const where = await worker().place(path)
  assert.notEqual(where, path)
  assert.equal(await readFile(join(where, 'a.csv'), 'utf8'), 'x,y\n1,2\n')
})

test('paths outside of the roots stay as they are, and so do those of what is nowhere', async () => {
  await using here = await scene()
  const worker = here.worker()
  for (const path of ['/etc/passwd', 'relative.csv', `${elsewhere}-not`, `${elsewhere}/../etc/passwd`, here.cache])
    assert.equal(await worker.place(path), path)
  assert.equal(here.looks.length, 0)
  assert.equal(await worker.place(`${elsewhere}/late.csv`), `${elsewhere}/late.csv`)
  await here.write({ 'late.csv': '1' })
  assert.equal(await readFile(await worker.place(`${elsewhere}/late.csv`), 'utf8'), '1')
})

test('workers that want the same at once fetch each content once', async () => {
  await using here = await scene({ transport: unix() })
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`set/${i}.txt`, `content ${i % 30}`]))
  await here.write({ ...many, ...set })
  const all = await Promise.all([0, 1, 2, 3].map(() => here.worker().place(`${elsewhere}/set`)))
  assert.equal(new Set(all).size, 1)
  assert.deepEqual(await contents(all[0] as string), await contents(join(here.there, 'set')))
  assert.equal(here.gets.length, 34)
  assert.equal(new Set(here.gets).size, 34)
  assert.deepEqual(await readdir(join(here.cache, 'locks')), [])
  assert.deepEqual(await readdir(join(here.cache, 'partial')), [])
})

test('a line that is cut is taken up again where it was', async () => {
  await using here = await scene({ transport: unix() })
  await here.write({ 'big.bin': big })
  let chunks = 0
  const hear = (message: { bytes?: Uint8Array }) => (message.bytes !== undefined && ++chunks === 2 ? undefined : message) as never
  const where = await here.worker({ hear }).place(`${elsewhere}/big.bin`)
  assert.equal(sha256(await readFile(where)), sha256(big))
  assert.equal(here.gets.length, 2)
  assert.equal(chunks, 5, 'the first chunk was not sent again')
})

test('a line that brings nothing ends with a sentence, and what is left works later', async () => {
  await using here = await scene()
  await here.write({ 'big.bin': big })
  const clock = { ...realClock, sleep: (ms: number, signal?: AbortSignal) => realClock.sleep(ms / 100, signal) }
  const hear = (message: { bytes?: Uint8Array }) => (message.bytes === undefined ? message : undefined) as never
  const failing = here.worker({ hear, clock })
  await assert.rejects(failing.place(`${elsewhere}/big.bin`), says('FILES_LOST', `${elsewhere}/big.bin`, 'cut by the test'))
  await assert.rejects(
    here.worker({ dial: () => Promise.reject(new Error('no route')) }).place(`${elsewhere}/x`),
    says('FILES_LOST', 'no route'),
  )
  assert.deepEqual(await readdir(join(here.cache, 'partial')), [])
  assert.deepEqual(await readdir(join(here.cache, 'blobs')), [])
  assert.equal(sha256(await readFile(await here.worker().place(`${elsewhere}/big.bin`))), sha256(big))
})

test('a worker that is killed while it fetches leaves nothing wrong', async () => {
  await using here = await scene({ transport: unix() })
  await here.write(set)
  const child = spawn(process.execPath, [fileURLToPath(new URL('killed.ts', import.meta.url)), here.address, here.there, here.cache], {
    stdio: 'inherit',
  })
  const [, signal] = await once(child, 'exit')
  assert.equal(signal, 'SIGKILL')
  const left = await Promise.all(['partial', 'locks', 'uses'].map((name) => readdir(join(here.cache, name))))
  assert.ok(
    left.every((names) => names.length > 0),
    'it was killed in the middle',
  )
  const where = await here.worker().place(`${elsewhere}/set`)
  assert.deepEqual(await contents(where), await contents(join(here.there, 'set')))
  assert.deepEqual(await readdir(join(here.cache, 'partial')), [])
  assert.deepEqual(await readdir(join(here.cache, 'locks')), [])
})

const damages: Record<string, (path: string) => Promise<unknown>> = {
  'cut short': (path) => truncate(path, 5),
  longer: (path) => appendFile(path, 'more'),
  'other bytes': async (path) => writeFile(path, (await readFile(path)).fill(7)),
  gone: (path) => rm(path),
  'a folder': async (path) => rm(path).then(() => mkdir(path)),
}
for (const [name, damage] of Object.entries(damages))
  for (const place of ['blob', 'tree'])
    test(`wrong content in the cache is found and mended: ${place} ${name}`, async () => {
      await using here = await scene()
      await here.write(set)
      const where = await here.worker().place(`${elsewhere}/set`)
      const before = here.gets.length
      const spoilt = place === 'tree' ? join(where, 'deep', 'er', 'b.bin') : join(here.cache, 'blobs', sha256(big))
      await chmod(spoilt, 0o600)
      await damage(spoilt)
      assert.equal(await here.worker().place(`${elsewhere}/set`), where)
      assert.deepEqual(await contents(where), await contents(join(here.there, 'set')))
      // The same file under three names: what is written to one of them is in all.
      const links = name === 'gone' || name === 'a folder'
      assert.equal(here.gets.length - before, links ? 0 : 1)
      assert.deepEqual(await readdir(join(here.cache, 'partial')), [])
    })

test('a mark that was lost costs a look, not a fetch', async () => {
  await using here = await scene()
  await here.write(set)
  const where = await here.worker().place(`${elsewhere}/set`)
  const before = here.gets.length
  await utimes(join(where, 'deep', 'c.bin'), 9000, 9000)
  assert.equal(await here.worker().place(`${elsewhere}/set`), where)
  assert.equal(here.gets.length, before)
})

test('bytes that are not what was announced are not kept', async () => {
  await using here = await scene()
  await here.write({ 'big.bin': big })
  const hear = ({ body, bytes }: { body: unknown; bytes?: Uint8Array }) => ({ body, ...(bytes && { bytes: bytes.fill(1, 0, 1) }) }) as never
  await assert.rejects(here.worker({ hear }).place(`${elsewhere}/big.bin`), says('FILES_CHANGED', `${elsewhere}/big.bin`))
  assert.deepEqual(await readdir(join(here.cache, 'blobs')), [])
  assert.deepEqual(await readdir(join(here.cache, 'partial')), [])
})

test('a file that changes between the manifest and the sending is fetched as it is then', async () => {
  await using here = await scene()
  await here.write({ 'set/a': 'first', 'set/b': 'second' })
  let meddled = false
  const worker = here.worker({
    say: () => undefined,
    hear: (message) => message,
    free: async () => {
      if (!meddled) await here.write({ 'set/a': 'other', 'set/b': 'things' })
      meddled = true
      return 2 ** 40
    },
  })
  const where = await worker.place(`${elsewhere}/set`)
  assert.deepEqual(await contents(where), { a: 'other', b: 'things' })
})

test('answers that are none end the line with the reason', async () => {
  await using here = await scene()
  await here.write(set)
  const wrong = [
    { answer: 'manifest', id: 0, folder: true, files: [{ name: '../../evil', size: 1, mtimeMs: 1 }], folders: [] },
    { answer: 'manifest', id: 0, folder: true, files: [{ name: '/evil', size: 1, mtimeMs: 1 }], folders: [] },
    { answer: 'manifest', id: 0, folder: true, files: [], folders: ['a/../../b'] },
    { answer: 'manifest', id: 0, folder: true, files: [{ name: 'a', size: -1, mtimeMs: 1 }], folders: [] },
    { answer: 'dance', id: 0 },
    7,
  ]
  const clock = { ...realClock, sleep: (ms: number, signal?: AbortSignal) => realClock.sleep(ms / 100, signal) }
  for (const body of wrong) {
    const worker = here.worker({ clock, hear: () => ({ body }) as never })
    await assert.rejects(worker.place(`${elsewhere}/set`), says('FILES_LOST', 'no answer about files'))
  }
})

test('the least recently used is removed first, and never what is in use', async () => {
  await using here = await scene()
  await here.write(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.bin`, bytes(1000)])))
  const place = async (name: string, most: number) => {
    const worker = here.worker({ most })
    const where = await worker.place(`${elsewhere}/${name}.bin`)
    return { worker, where }
  }
  const isThere = async (path: string) => (await lstat(path).catch(() => undefined)) !== undefined
  const [a, b] = [await place('a', 10_000), await place('b', 10_000)]
  await utimes(join(a.where, '..'), 1000, 1000)
  await utimes(join(b.where, '..'), 2000, 2000)
  await b.worker[Symbol.asyncDispose]()
  // a is older, but in use.
  const c = await place('c', 2600)
  assert.deepEqual([await isThere(a.where), await isThere(b.where), await isThere(c.where)], [true, false, true])
  await a.worker[Symbol.asyncDispose]()
  await c.worker[Symbol.asyncDispose]()
  const d = await place('d', 2600)
  assert.deepEqual([await isThere(a.where), await isThere(c.where), await isThere(d.where)], [false, true, true])
  const blobs = await readdir(join(here.cache, 'blobs'))
  assert.equal(blobs.length, 2)
  // Used again, it is the youngest.
  const again = await place('c', 2600)
  assert.equal(again.where, c.where)
})

test('a disk without room is told with the folder and the bytes, after what nobody uses was removed', async () => {
  await using here = await scene()
  await here.write({ 'old.bin': bytes(5000), 'new.bin': bytes(3000), 'huge.bin': bytes(9000) })
  const old = here.worker()
  await old.place(`${elsewhere}/old.bin`)
  await old[Symbol.asyncDispose]()
  const free = async () => {
    const kept = await readdir(join(here.cache, 'blobs'))
    const sizes = await Promise.all(kept.map(async (name) => (await stat(join(here.cache, 'blobs', name))).size))
    return 6000 - sizes.reduce((sum, size) => sum + size, 0)
  }
  await here.worker({ free }).place(`${elsewhere}/new.bin`)
  await assert.rejects(
    here.worker({ free }).place(`${elsewhere}/huge.bin`),
    says('FILES_NO_ROOM', here.cache, '8.8 KiB', '2.9 KiB are free'),
  )
  await assert.rejects(here.worker({ cache: '/dev/null/cache' }).place(`${elsewhere}/new.bin`), says('FILES_CACHE', '/dev/null/cache'))
})

test('progress is told at most once a second', async () => {
  await using here = await scene()
  await here.write(set)
  const said: string[] = []
  let elapsed = 0
  const clock = { ...realClock, elapsed: () => (elapsed += 100) }
  await here.worker({ clock, say: (text) => said.push(text) }).place(`${elsewhere}/set`)
  assert.ok(said.length >= 1 && said.length <= 2, said.join())
  assert.match(said[0] as string, /^Fetching set to this node: \d+ %$/)
})

test('links are followed within the roots; what leads out of them is refused, unless the node sees it itself', async () => {
  await using here = await scene({ roots: (there) => [join(there, 'open'), join(there, 'also')] })
  await here.write({ 'open/set/a': 'a', 'also/b': 'b', 'closed/secret': 's' })
  await symlink(join(here.there, 'also', 'b'), join(here.there, 'open', 'set', 'b'))
  await symlink(join(here.there, 'nowhere'), join(here.there, 'open', 'set', 'dangling'))
  assert.deepEqual(await contents(await here.worker().place(`${elsewhere}/open/set`)), { a: 'a', b: 'b' })
  await symlink(join(here.there, 'closed'), join(here.there, 'open', 'out'))
  for (const path of ['open/out', 'open/out/secret'])
    await assert.rejects(here.worker().place(`${elsewhere}/${path}`), says('FILES_REFUSED', `${elsewhere}/${path}`, 'leads out'))
  await assert.rejects(here.worker().place(`${elsewhere}/open`), says('FILES_REFUSED', `'out'`))
  const seen = here.worker({ roots: ['/'], dial: () => here.dial() })
  assert.equal(await seen.place('/etc/hostname'), '/etc/hostname')
  assert.equal(here.gets.length, 2)
})
