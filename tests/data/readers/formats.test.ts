import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { random } from '../../../src/core/random.ts'
import { idx, images, jsonLines, parquet, scanJsonLines, scanParquet, streamImages, text } from '../../../src/data/index.ts'
import fc from '../../laws.ts'
import { folder, numbers, says, valuesOf } from '../helpers.ts'

/** An idx file: type, sizes, values as they are. */
function idxFile(type: number, shape: number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header.writeUInt8(type, 2)
  header.writeUInt8(shape.length, 3)
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i)
  return Buffer.concat([header, bytes])
}

test('idx: what was written is read, packed or not', async () => {
  await using dir = await folder()
  let n = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.integer(),
      async (shape, packed, seed) => {
        const chance = random(seed)
        const bytes = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => chance.int(256))
        const content = idxFile(8, shape, bytes)
        const made = await idx(await dir.file(`${n++}`, packed ? gzipSync(content) : content))
        assert.deepEqual([made.dtype, made.shape, made.data], ['uint8', shape, bytes])
      },
    ),
    { numRuns: 40 },
  )
  const floats = Buffer.alloc(8)
  floats.writeFloatBE(1.5, 0)
  floats.writeFloatBE(-2, 4)
  assert.deepEqual((await idx(await dir.file('f', idxFile(13, [2], floats)))).data, Float32Array.of(1.5, -2))
  const shorts = Buffer.alloc(4)
  shorts.writeInt16BE(-3, 0)
  shorts.writeInt16BE(300, 2)
  assert.deepEqual((await idx(await dir.file('s', idxFile(11, [2], shorts)))).data, Int32Array.of(-3, 300))
})

test('idx: a wrong magic number, sizes that do not fit and a cut file are told apart', async () => {
  await using dir = await folder()
  const good = idxFile(8, [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6))
  const wrong = async (content: Uint8Array, ...words: string[]) =>
    assert.rejects(idx(await dir.file('wrong', content)), says('FILE_FORMAT', 'wrong', ...words))
  await wrong(Buffer.from('<html>not found</html>'), '3c68746d', 'magic')
  await wrong(good.subarray(0, 3), '3 bytes')
  await wrong(good.subarray(0, 9), 'cut short')
  await wrong(good.subarray(0, 17), '18 bytes', '17')
  await wrong(Buffer.concat([good, Buffer.of(0)]), '18 bytes', '19')
  await wrong(gzipSync(good).subarray(0, 15), 'gzip')
  await assert.rejects(idx(join(dir.path, 'none')), says('FILE_MISSING', 'none'))
})

test('JSON lines: numbers, strings, booleans, missing', async () => {
  await using dir = await folder()
  const rows = [{ n: 1.5, s: 'a', b: true }, { n: null, s: '2' }, { s: 'a', n: -3, b: false }] // biome-ignore format: one line
  const path = await dir.file('rows.jsonl', `\uFEFF${rows.map((row) => JSON.stringify(row)).join('\r\n')}\n\n`)
  const frame = await jsonLines(path)
  assert.deepEqual(frame.types, { n: 'numeric', s: 'categorical', b: 'categorical' })
  assert.deepEqual([frame.row(0), frame.row(1)], [{ n: 1.5, s: 'a', b: 'true' }, { n: undefined, s: '2', b: undefined }]) // biome-ignore format: one line
  const stream = await scanJsonLines(path).dataset({ target: 's', features: ['n'], encode: { numeric: 'none' } })
  assert.deepEqual(await valuesOf(stream, 'x', { batchSize: 9 }), [[1.5, -0.75, -3]])
})

test('JSON lines: what is wrong is told with its line', async () => {
  await using dir = await folder()
  const wrong = async (content: string, code: string, ...words: string[]) =>
    assert.rejects(jsonLines(await dir.file('w.jsonl', content)), says(code, 'w.jsonl', ...words))
  await wrong('{"a":1}\n{"a":\n', 'FILE_FORMAT', 'line 2', 'not JSON')
  await wrong('{"a":1}\n[1]\n', 'FILE_FORMAT', 'line 2', 'not an object')
  await wrong('{"a":1}\n{"a":[1]}\n', 'FILE_FORMAT', 'line 2', "'a'")
  await wrong(`${'{"a":1}\n'.repeat(20)}{"a":"x"}\n`, 'NOT_A_NUMBER', 'line 21', "'a'", "'x'")
  await wrong(`${'{"a":1}\n'.repeat(1000)}{"b":2}\n`, 'FILE_FORMAT', 'line 1001', "'b'")
  await wrong('', 'NO_ROWS')
})

const fixtures = join(import.meta.dirname, '../fixtures')

test('Parquet: every codec of the fixture, nulls, dates, chunks', async () => {
  const path = join(fixtures, 'people.parquet')
  const frame = await parquet(path)
  assert.equal(frame.length, 60)
  assert.deepEqual(frame.types, {
    id: 'numeric',
    age: 'numeric',
    height: 'numeric',
    city: 'categorical',
    member: 'categorical',
    joined: 'numeric',
  })
  assert.deepEqual(frame.row(7), {
    id: 7,
    age: undefined,
    height: Math.fround(1.57),
    city: 'Bergen',
    member: 'false',
    joined: Date.UTC(2020, 0, 8),
  })
  assert.deepEqual(frame.missing(), { id: 0, age: 9, height: 0, city: 20, member: 0, joined: 0 })
  assert.deepEqual(Object.keys((await parquet(path, { columns: ['city', 'id'] })).columns), ['city', 'id'])
  const options = { target: 'member', features: ['id', 'age', 'city'] } as const
  const whole = frame.dataset(options)
  assert.deepEqual(
    await valuesOf(await scanParquet(path).dataset(options), 'x', { batchSize: 7 }),
    await valuesOf(whole, 'x', { batchSize: 7 }),
  )
  const lengths: number[] = []
  for await (const part of scanParquet(path).frames({ rows: 25 })) lengths.push(part.length)
  assert.deepEqual(lengths, [25, 25, 10])
})

test('Parquet: nested columns, unknown columns and other files are refused', async () => {
  await using dir = await folder()
  await assert.rejects(parquet(join(fixtures, 'nested.parquet')), says('FILE_FORMAT', 'nested.parquet', "'x'"))
  await assert.rejects(parquet(join(fixtures, 'people.parquet'), { columns: ['town'] }), says('COLUMN_UNKNOWN', "'town'"))
  await assert.rejects(parquet(await dir.file('no.parquet', 'not a parquet file at all')), says('FILE_FORMAT', 'no.parquet'))
  await assert.rejects(parquet(join(dir.path, 'none.parquet')), says('FILE_MISSING', 'none.parquet'))
})

test('text: windows of characters, the end held out', async () => {
  await using dir = await folder()
  const content = 'To be, or not to be: that is the question.\n'.repeat(30)
  const set = await text(await dir.file('hamlet.txt', content), { context: 10, test: 0.2 })
  assert.equal(set.text, content)
  assert.equal(set.vocabulary.decode(set.train.tokens) + set.vocabulary.decode(set.test.tokens), content)
  const [first] = await valuesOf(set.train, 'x', { batchSize: 2 })
  assert.equal(set.vocabulary.decode(first ?? []), content.slice(0, 20))
  await assert.rejects(text(await dir.file('latin', Buffer.from([72, 0xe9, 33])), {}), says('FILE_FORMAT', 'latin', 'UTF-8'))
})

test('images: planes in order, grey and color, scaled and not', async () => {
  await using dir = await folder()
  const paint = async (name: string, width: number, height: number, rgb: number[]) => {
    const data = Buffer.alloc(width * height * 3)
    for (let i = 0; i < width * height; i++) data.set(rgb, i * 3)
    await mkdir(join(dir.path, name.split('/')[0] as string), { recursive: true })
    await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(dir.path, name))
  }
  await paint('blue/a.png', 3, 2, [0, 0, 255])
  await paint('red/b.png', 3, 2, [255, 10, 20])
  await paint('red/a.png', 3, 2, [200, 10, 20])
  const set = await images(dir.path)
  assert.deepEqual(set.fields.x, { dtype: 'uint8', shape: [3, 2, 3], scale: 1 / 255 })
  assert.deepEqual(set.fields.y?.classes, ['blue', 'red'])
  assert.deepEqual(numbers(set, 'y'), [0, 1, 1])
  const plane = (value: number) => Array<number>(6).fill(value)
  assert.deepEqual(numbers(set.slice(2, 3), 'x'), [...plane(255), ...plane(10), ...plane(20)])
  assert.deepEqual(await valuesOf(await streamImages(dir.path), 'x', { batchSize: 3 }), [numbers(set, 'x')])
  const grey = await images(dir.path, { channels: 1, size: [4, 5] })
  assert.deepEqual(grey.fields.x?.shape, [1, 4, 5])
  const blue = numbers(grey, 'x').slice(0, 20)
  assert.ok(
    blue.every((value) => value === blue[0] && value > 10 && value < 100),
    `${blue}`,
  )
  await paint('red/c.jpg', 4, 4, [1, 2, 3])
  await assert.rejects(images(dir.path), says('SHAPE_MISMATCH', 'c.jpg', '4 x 4', '2 x 3'))
  assert.equal((await images(dir.path, { size: 2 })).length, 4)
  await dir.file('red/d.png', 'not a picture')
  await assert.rejects(images(dir.path, { size: 2 }), says('FILE_FORMAT', 'd.png'))
  await mkdir(join(dir.path, 'none'))
  await assert.rejects(images(dir.path), says('NO_ROWS', 'none'))
  await assert.rejects(images(join(dir.path, 'nowhere')), says('FILE_MISSING', 'nowhere'))
})
