import { test } from 'node:test'
import { killAndResume } from '../run/kill.ts'

test('25 kills at random moments: the store opens clean every time, and the final weights are the same bytes', () =>
  killAndResume(25, ['--set', 'epochs=60', '--set', 'pause=5'], 'twenty-five moments'))
