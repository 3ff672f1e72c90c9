/** The space of a training: its keys and their types are the config's, for the compiler and when it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { data, nn, space, training } from '../../src/index.ts'

const rest = { name: 'a', data: () => data.digits(), model: () => nn.sequential([nn.flatten(), nn.dense({ units: 10 })]) }
const config = { hidden: 1, activation: 'relu', flag: true }

test('a space has dimensions of its keys’ types', () => {
  const dimensions = { hidden: space.int(1, 2), activation: space.choice(['relu', 'gelu']), flag: space.boolean() }
  const made = training({ ...rest, config, space: dimensions, constraint: ({ hidden }) => hidden > 1 })
  assert.deepEqual(made.space, dimensions)
})

test('a key that is not in the config is refused, with the nearest', () => {
  // @ts-expect-error: there is no such key
  assert.throws(() => training({ ...rest, config, space: { hiden: space.int(1, 2) } }), {
    code: 'TRAINING_INVALID',
    message: /'hiden'.*'hidden'/,
  })
})

test('a dimension of another type is refused', () => {
  // @ts-expect-error: texts for a number
  assert.throws(() => training({ ...rest, config, space: { hidden: space.choice(['x', 'y']) } }), {
    code: 'TRAINING_INVALID',
    message: /string.*number/,
  })
  // @ts-expect-error: a number for yes and no
  assert.throws(() => training({ ...rest, config, space: { flag: space.uniform(0, 1) } }), {
    code: 'TRAINING_INVALID',
    message: /number.*boolean/,
  })
})

test('an empty space, and one that contradicts itself, are refused with the name', () => {
  assert.throws(() => training({ ...rest, config, space: {} }), { code: 'SPACE_EMPTY' })
  assert.throws(() => training({ ...rest, config, space: { hidden: space.uniform(2, 1) } }), { code: 'SPACE_INVALID', message: /'hidden'/ })
})
