import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killAndResume } from './kill.ts'

test('a run that is killed at any moment goes on to the same weights', async () => {
  const { killed } = await killAndResume(5, ['--set', 'epochs=40'], 'a few moments')
  assert.ok(killed >= 1, 'at least one was killed while it ran')
})
