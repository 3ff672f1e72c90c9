import { test } from 'node:test'
import { killAndResume } from './kill.ts'

test('a run that is killed at any moment goes on to the same weights', () => killAndResume(5, ['--set', 'epochs=40'], 'a few moments'))
