import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { realClock } from '../../src/core/clock.ts'
import { random } from '../../src/core/random.ts'
import { type DownloadOptions, download, elec2, setDataDir, setProgress } from '../../src/data/index.ts'
import { folder, says } from './helpers.ts'

// Whoever runs the tests may have data sets of their own.
delete process.env.TUTTI_DATA

const chance = random('download')
const content = Uint8Array.from({ length: 300_000 }, () => chance.int(256))
const hash = (bytes: Uint8Array, algorithm = 'sha256') => createHash(algorithm).update(bytes).digest('hex')
const sum = { algorithm: 'sha256', of: 'file', hex: hash(content) } as const
/** Waits of the real clock, a hundred times shorter. */
const hurried = { ...realClock, sleep: (ms: number, signal?: AbortSignal) => realClock.sleep(ms / 100, signal) }
const options: DownloadOptions = { sum, label: 'set/file.bin', clock: hurried }

type Answer = (request: IncomingMessage, response: ServerResponse, visit: number) => void

/** A server whose paths answer as told; `visits` counts the requests of each. */
async function serve(paths: Record<string, Answer>) {
  const visits: Record<string, IncomingMessage[]> = {}
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    visits[path] ??= []
    visits[path].push(request)
    const answer = paths[path]
    if (answer === undefined) response.writeHead(404).end()
    else answer(request, response, visits[path].length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    base,
    visits: (path: string) => visits[path] ?? [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers as a file server does: all of it, or from where the request says. */
function fileServer(bytes: Uint8Array, options: { etag?: string } = {}): Answer {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const headers = options.etag === undefined ? {} : { etag: options.etag }
    const fresh = request.headers['if-range'] !== undefined && request.headers['if-range'] !== options.etag
    if (from === 0 || fresh) return void response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes)
    if (from >= bytes.length) return void response.writeHead(416).end()
    const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
    response.writeHead(206, { ...headers, 'content-length': bytes.length - from, 'content-range': range }).end(bytes.subarray(from))
  }
}

/** Promises all bytes, gives some, and hangs up once some of them are in `folder`: what is only on its way would be lost. */
function cutAfter(bytes: Uint8Array, count: number, folder: string): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    const arrived = () => (statSync(join(folder, 'file.bin.partial'), { throwIfNoEntry: false })?.size ?? 0) > 0
    const hangUp = () => (arrived() ? response.destroy() : setTimeout(hangUp, 5))
    response.write(bytes.subarray(0, count), hangUp)
  }
}

const left = (path: string) => readdirSync(path).sort()

test('a download is the file, under its name only, and its progress is told', async () => {
  await using dir = await folder()
  await using server = await serve({ '/file': fileServer(content) })
  const target = join(dir.path, 'deep', 'file.bin')
  const seen: number[] = []
  await download([`${server.base}/file`], target, { ...options, progress: ({ received }) => seen.push(received) })
  assert.deepEqual(new Uint8Array(readFileSync(target)), content)
  assert.deepEqual(left(join(dir.path, 'deep')), ['file.bin'])
  assert.equal(seen.at(0), 0)
  assert.equal(seen.at(-1), content.length)
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    seen,
  )
  await download([`${server.base}/file`], target, options)
  assert.equal(server.visits('/file').length, 1, 'a file that is there is not asked for again')
})

test('a cut connection is gone on with, from the byte where it ended', async () => {
  await using dir = await folder()
  const whole = fileServer(content)
  const cut = cutAfter(content, 100_000, dir.path)
  await using server = await serve({ '/file': (request, response, visit) => (visit === 1 ? cut : whole)(request, response, visit) })
  const target = join(dir.path, 'file.bin')
  await download([`${server.base}/file`], target, options)
  assert.deepEqual(new Uint8Array(readFileSync(target)), content)
  const from = Number(/^bytes=(\d+)-$/.exec(server.visits('/file')[1]?.headers.range ?? '')?.[1])
  assert.ok(from > 0 && from <= 100_000, `went on from ${from}`)
})

test('a later run goes on with what an earlier one left', async () => {
  await using dir = await folder()
  const target = join(dir.path, 'file.bin')
  let broken = true
  const whole = fileServer(content, { etag: '"v1"' })
  const cut = cutAfter(content, 50_000, dir.path)
  await using server = await serve({ '/file': (...all) => (broken ? cut : whole)(...all) })
  await assert.rejects(
    download([`${server.base}/file`], target, { ...options, attempts: 1 }),
    says('DOWNLOAD_FAILED', 'set/file.bin', '/file'),
  )
  assert.ok(!existsSync(target))
  assert.deepEqual(left(dir.path), ['file.bin.partial', 'file.bin.partial.json'])
  broken = false
  await download([`${server.base}/file`], target, options)
  assert.equal(hash(readFileSync(target)), sum.hex)
  assert.match(server.visits('/file')[1]?.headers.range ?? '', /^bytes=\d+-$/)
  assert.deepEqual(left(dir.path), ['file.bin'])
})

test('bytes of one mirror are not gone on with from another', async () => {
  await using dir = await folder()
  await using server = await serve({ '/a': cutAfter(content, 60_000, dir.path), '/b': fileServer(content) })
  const target = join(dir.path, 'file.bin')
  await download([`${server.base}/a`, `${server.base}/b`], target, { ...options, attempts: 1 })
  assert.equal(server.visits('/b')[0]?.headers.range, undefined)
  assert.equal(hash(readFileSync(target)), sum.hex)
})

test('a file that changed on the server between two attempts is read anew', async () => {
  await using dir = await folder()
  const target = join(dir.path, 'file.bin')
  writeFileSync(`${target}.partial`, new Uint8Array(1000))
  await using server = await serve({ '/file': fileServer(content, { etag: '"new"' }) })
  writeFileSync(`${target}.partial.json`, JSON.stringify({ url: `${server.base}/file`, etag: '"old"' }))
  await download([`${server.base}/file`], target, options)
  assert.equal(server.visits('/file').length, 1)
  assert.equal(hash(readFileSync(target)), sum.hex)
})

test('a partial file that is wrong or too long does not stand in the way', async () => {
  for (const length of [1000, content.length, content.length + 5]) {
    await using dir = await folder()
    const target = join(dir.path, 'file.bin')
    writeFileSync(`${target}.partial`, new Uint8Array(length))
    await using server = await serve({ '/file': fileServer(content) })
    writeFileSync(`${target}.partial.json`, JSON.stringify({ url: `${server.base}/file` }))
    await download([`${server.base}/file`], target, options)
    assert.equal(hash(readFileSync(target)), sum.hex)
    assert.deepEqual(left(dir.path), ['file.bin'])
  }
})

test('a wrong checksum is told, and nothing of it is kept', async () => {
  await using dir = await folder()
  const other = content.slice().fill(0, 0, 1)
  other[5] = (other[5] as number) ^ 1
  await using server = await serve({ '/file': fileServer(other) })
  const target = join(dir.path, 'file.bin')
  const failed = download([`${server.base}/file`], target, options)
  await assert.rejects(failed, says('DOWNLOAD_FAILED', sum.hex, hash(other), 'thrown away', 'TUTTI_DATA'))
  assert.deepEqual(left(dir.path), [])
})

test('the next mirror is tried when one has no file, is gone, or serves a web page', async () => {
  await using dir = await folder()
  const page: Answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>moved</html>')
  await using server = await serve({ '/page': page, '/file': fileServer(content) })
  const target = join(dir.path, 'file.bin')
  const urls = ['http://127.0.0.1:1/refused', `${server.base}/none`, `${server.base}/page`, `${server.base}/file`]
  await download(urls, target, options)
  assert.equal(hash(readFileSync(target)), sum.hex)
  assert.equal(server.visits('/none').length, 1, 'a 404 is not asked again')
  await assert.rejects(
    download(urls.slice(0, 2), join(dir.path, 'other'), options),
    says('DOWNLOAD_FAILED', 'refused', '404', '127.0.0.1:1'),
  )
})

test('a server that says nothing, or stops in the middle, is given up', async () => {
  await using dir = await folder()
  const silent: Answer = () => undefined
  const stalls: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, 70_000))
  }
  await using server = await serve({ '/silent': silent, '/stalls': stalls, '/file': fileServer(content) })
  const target = join(dir.path, 'file.bin')
  const some = { ...options, attempts: 1, patience: 10_000 }
  await assert.rejects(
    download([`${server.base}/silent`, `${server.base}/stalls`], target, some),
    says('DOWNLOAD_FAILED', '/silent', '/stalls', '10 s'),
  )
  await download([`${server.base}/silent`, `${server.base}/file`], target, some)
  assert.equal(hash(readFileSync(target)), sum.hex)
})

test('redirects are followed; a server without sizes is read to its end', async () => {
  await using dir = await folder()
  const moved: Answer = (_, response) => response.writeHead(302, { location: '/chunked' }).end()
  const chunked: Answer = (_, response) => {
    response.writeHead(200)
    response.write(content.subarray(0, 1000))
    response.end(content.subarray(1000))
  }
  await using server = await serve({ '/moved': moved, '/chunked': chunked })
  const totals = new Set<number | undefined>()
  await download([`${server.base}/moved`], join(dir.path, 'f'), { ...options, progress: ({ total }) => totals.add(total) })
  assert.equal(hash(readFileSync(join(dir.path, 'f'))), sum.hex)
  assert.deepEqual([...totals], [undefined])
})

test('the sum of the content does not depend on how a mirror packed it', async () => {
  await using dir = await folder()
  for (const level of [1, 9]) {
    await using server = await serve({ '/file.gz': fileServer(gzipSync(content, { level })) })
    const of = { ...options, sum: { ...sum, of: 'content' } as const }
    await download([`${server.base}/file.gz`], join(dir.path, `${level}.gz`), of)
  }
  const packed = gzipSync(content)
  await using server = await serve({ '/file.gz': fileServer(packed) })
  const md5 = { ...options, sum: { algorithm: 'md5', of: 'file', hex: hash(packed, 'md5') } as const }
  await download([`${server.base}/file.gz`], join(dir.path, 'md5.gz'), md5)
  await assert.rejects(download([`${server.base}/file.gz`], join(dir.path, 'wrong.gz'), options), says('DOWNLOAD_FAILED', 'sha256'))
})

test('of several at once one downloads, and a dead one does not keep the others waiting', async () => {
  await using dir = await folder()
  await using server = await serve({ '/file': fileServer(content) })
  const target = join(dir.path, 'file.bin')
  writeFileSync(`${target}.lock`, JSON.stringify({ host: (await import('node:os')).hostname(), pid: 2 ** 22 + 1 }))
  await Promise.all(Array.from({ length: 5 }, () => download([`${server.base}/file`], target, options)))
  assert.equal(server.visits('/file').length, 1)
  assert.deepEqual(left(dir.path), ['file.bin'])
})

test('a named set: the data folder first, then the cache, then the mirror', async () => {
  await using dir = await folder()
  await using server = await serve({ '/elec2/elec.csv': fileServer(Buffer.from('not it')) })
  const [data, cache] = [join(dir.path, 'data'), join(dir.path, 'cache')]
  const rows = (label: number) => `period,nswprice,nswdemand,vicprice,vicdemand,transfer,class\n${`0,1,2,3,4,5,${label}\n`.repeat(10)}`
  const write = (at: string, label: number) => {
    mkdirSync(join(at, 'elec2'), { recursive: true })
    writeFileSync(join(at, 'elec2', 'elec.csv'), rows(label))
  }
  const told: string[] = []
  setProgress(({ file }) => told.push(file))
  const load = async () => (await elec2({ cache, mirror: `${server.base}/` })).train.columns.y?.data[0]
  await assert.rejects(load(), says('DOWNLOAD_FAILED', 'elec2/elec.csv', server.base))
  assert.ok(told.includes('elec2/elec.csv'))
  setProgress(undefined)
  write(cache, 0)
  assert.equal(await load(), 0)
  write(data, 1)
  setDataDir(data)
  assert.equal(await load(), 1)
  setDataDir(join(dir.path, 'nowhere'))
  await assert.rejects(load(), says('FILE_MISSING', 'nowhere', 'TUTTI_DATA'))
  setDataDir(undefined)
  await assert.rejects(elec2({ folder: data } as never), says('UNKNOWN_OPTION', 'folder', 'dir'))
})
