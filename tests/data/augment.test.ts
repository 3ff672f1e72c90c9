import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { type Dataset, shiftImages, table } from '../../src/data/index.ts'

const height = 5
const width = 4
function images(rows: number) {
  const draw = random(3)
  return table({
    x: { dtype: 'uint8', shape: [1, height, width], data: Uint8Array.from({ length: rows * height * width }, () => 1 + draw.int(250)) },
    y: { dtype: 'int32', shape: [], data: Int32Array.from({ length: rows }, (_, i) => i) },
  })
}

async function collect(data: Dataset, options: Parameters<Dataset['batches']>[0]) {
  const rows: { id: number; pixels: number[] }[] = []
  for await (const { size, columns } of data.batches(options)) {
    for (let i = 0; i < size; i++) {
      const pixels = Array.from(columns.x!.data as Uint8Array).slice(i * height * width, (i + 1) * height * width)
      rows.push({ id: (columns.y!.data as Int32Array)[i] as number, pixels })
    }
  }
  return rows
}

test('every image is its original moved by at most `pixels`, with zeros moving in, and all moves occur', async () => {
  const data = images(300)
  const original = new Map((await collect(data, { batchSize: 7 })).map(({ id, pixels }) => [id, pixels]))
  const seen = new Set<string>()
  for (const { id, pixels } of await collect(shiftImages(data, { pixels: 2 }), { batchSize: 7, shuffle: random(1) })) {
    const from = original.get(id) as number[]
    const moves: string[] = []
    for (let down = -2; down <= 2; down++) {
      for (let right = -2; right <= 2; right++) {
        const moved = from.map((_, i) => {
          const [r, c] = [Math.floor(i / width) - down, (i % width) - right]
          return r >= 0 && r < height && c >= 0 && c < width ? from[r * width + c] : 0
        })
        if (moved.every((v, i) => v === pixels[i])) moves.push(`${down},${right}`)
      }
    }
    assert.equal(moves.length, 1, `image ${id} is no shift of its original`)
    seen.add(moves[0] as string)
  }
  assert.equal(seen.size, 25)
})

test('the same seed moves the same; skipping batches leaves the rest as they were; without a shuffle nothing moves', async () => {
  const data = shiftImages(images(40))
  const all = await collect(data, { batchSize: 8, shuffle: random(5) })
  assert.deepEqual(await collect(data, { batchSize: 8, shuffle: random(5) }), all)
  assert.deepEqual(await collect(data, { batchSize: 8, shuffle: random(5), skip: 2 }), all.slice(16))
  assert.deepEqual(await collect(data, { batchSize: 8 }), await collect(images(40), { batchSize: 8 }))
})
