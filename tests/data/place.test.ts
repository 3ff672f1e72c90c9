import assert from 'node:assert/strict'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as data from '../../src/data/index.ts'
import { folder, says } from './helpers.ts'

// Whoever runs the tests may have data sets of their own.
delete process.env.TUTTI_DATA

/** Data of the driver's machine, under a name that this one does not have. */
const there = '/driver-of-the-test'

test('whatever opens data asks where this machine has them', async () => {
  await using dir = await folder()
  const { default: sharp } = await import('sharp')
  const picture = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  await dir.file('a.csv', 'x,y\n1,2\n3,4\n')
  await dir.file('a.csv.gz', gzipSync('x,y\n1,2\n3,4\n'))
  await dir.file('a.jsonl', '{"x":1}\n{"x":2}\n')
  await dir.file('a.idx', Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6))
  await dir.file('a.txt', 'to be or not to be, that is the question. '.repeat(10))
  await mkdir(join(dir.path, 'pictures', 'red'), { recursive: true })
  await writeFile(join(dir.path, 'pictures', 'red', '1.png'), picture)
  const asked: string[] = []
  data.setPlace(async (path) => {
    asked.push(path)
    return path.replace(there, dir.path)
  })
  try {
    const reads: Record<string, (path: string) => Promise<unknown>> = {
      'a.csv': async (path) => assert.equal((await data.csv(path)).length, 2),
      'a.csv.gz': async (path) => assert.equal((await data.scanCsv(path).frame()).length, 2),
      'a.jsonl': async (path) => assert.equal((await data.jsonLines(path)).length, 2),
      'a.idx': async (path) => assert.deepEqual([...(await data.idx(path)).data], [5, 6]),
      'a.txt': async (path) => assert.equal((await data.text(path, { context: 8 })).text.length, 420),
      pictures: async (path) => {
        assert.deepEqual([...(await data.images(path)).take([0]).columns.x!.data].slice(0, 4), [255, 255, 255, 255])
        assert.equal((await data.streamImages(path)).length, 1)
      },
    }
    for (const [name, read] of Object.entries(reads)) {
      asked.length = 0
      await read(`${there}/${name}`)
      assert.ok(asked.includes(`${there}/${name}`), name)
    }
    const fixtures = new URL('fixtures/people.parquet', import.meta.url).pathname
    await data.parquet(fixtures)
    assert.equal(asked.at(-1), fixtures)
    assert.equal(await data.placed(`${there}/x`), join(dir.path, 'x'))
    // Sentences name what the person wrote.
    await assert.rejects(data.csv(`${there}/none.csv`), says('FILE_MISSING', `${there}/none.csv is not there`))
    await assert.rejects(data.idx(`${there}/none`), says('FILE_MISSING', `${there}/none`))
    await assert.rejects(data.images(`${there}/none`), says('FILE_MISSING', `${there}/none`))
    await assert.rejects(data.csv(`${there}/pictures`), says('FILE_MISSING', `${there}/pictures`))
  } finally {
    data.setPlace(undefined)
  }
})

test('named sets ask for their files alone, and not for the folder of all sets', async () => {
  await using dir = await folder()
  const pixels = (n: number) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 1, 0, 0, 0, 1, ...Array.from({ length: n }, (_, i) => i))
  const labels = (n: number) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, n, ...Array.from({ length: n }, (_, i) => i % 10))
  await mkdir(join(dir.path, 'sets', 'mnist'), { recursive: true })
  await dir.file('sets/mnist/train-images-idx3-ubyte', pixels(3))
  await dir.file('sets/mnist/train-labels-idx1-ubyte', labels(3))
  await dir.file('sets/mnist/t10k-images-idx3-ubyte.gz', gzipSync(pixels(2)))
  await dir.file('sets/mnist/t10k-labels-idx1-ubyte.gz', gzipSync(labels(2)))
  const asked = new Set<string>()
  try {
    data.setDataDir(`${there}/sets`)
    await assert.rejects(data.mnist(), says('FILE_MISSING', `${there}/sets`, 'the folder of data sets'))
    data.setPlace(async (path) => {
      asked.add(path)
      return path.replace(there, dir.path)
    })
    const { train, test } = await data.mnist({ cache: join(dir.path, 'cache') })
    assert.deepEqual([train.length, test.length], [3, 2])
    assert.ok(!asked.has(`${there}/sets`) && !asked.has(`${there}/sets/mnist`))
    // What is in the driver's cache is asked for too, by its file.
    data.setDataDir(undefined)
    await rename(join(dir.path, 'sets'), join(dir.path, 'kept'))
    await rename(join(dir.path, 'kept/mnist/train-images-idx3-ubyte'), join(dir.path, 'kept/mnist/train-images-idx3-ubyte.gz'))
    await rename(join(dir.path, 'kept/mnist/train-labels-idx1-ubyte'), join(dir.path, 'kept/mnist/train-labels-idx1-ubyte.gz'))
    assert.equal((await data.mnist({ cache: `${there}/kept` })).train.length, 3)
  } finally {
    data.setPlace(undefined)
    data.setDataDir(undefined)
  }
})
