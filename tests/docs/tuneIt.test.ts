import { test } from 'node:test'
import { followTutorial } from './tutorials.ts'

test('the tutorial of studies does what it says', () => followTutorial('docs/tutorials/03-tune-it.md'))
