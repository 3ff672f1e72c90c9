/** Layers replaced and taken out of models, several at a time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as nn from '../../src/nn/index.ts'

const model = () =>
  nn.sequential([
    nn.dense({ units: 4, name: 'in' }),
    nn.residual([nn.layerNorm(), nn.dense({ units: 4 })], { name: 'block1' }),
    nn.residual([nn.layerNorm(), nn.dense({ units: 4 })], { name: 'block2' }),
    nn.dense({ units: 2, name: 'out' }),
  ])
const paths = (of: nn.Model) => nn.placedLayers(of).map(({ path }) => path)

test('withoutLayer takes several, also one inside another', () => {
  assert.deepEqual(paths(nn.withoutLayer(model(), 'block1', 'block2.dense', 'block1.dense')), ['in', 'block2', 'block2.layerNorm', 'out'])
  assert.deepEqual(paths(nn.withoutLayer(model(), 'block*')), ['in', 'out'])
  assert.throws(() => nn.withoutLayer(model(), 'in', 'blok1'), { code: 'UNKNOWN_KIND', message: /'block1'/ })
  assert.deepEqual(paths(nn.withoutLayer(model())), paths(model()))
})

test('editLayers puts another layer in the place of one, under its name; unchanged is the same object', () => {
  const before = model()
  const asked: string[] = []
  const same = nn.editLayers(before, ({ path, layer }) => {
    asked.push(path)
    return layer
  })
  assert.equal(same, before)
  assert.deepEqual(asked, paths(before))
  const wide = nn.editLayers(before, ({ path, layer }) => (path.endsWith('.dense') ? nn.feedForward({ hidden: 8 }) : layer))
  assert.deepEqual(paths(wide), paths(before))
  assert.equal(nn.findLayer(wide, 'block2.dense')?.kind, 'feedForward')
  assert.equal(nn.findLayer(before, 'block2.dense')?.kind, 'dense')
  const names = nn.summary(wide, [3]).rows.map(({ path }) => path)
  assert.ok(names.includes('block1.dense.hidden'))
})
