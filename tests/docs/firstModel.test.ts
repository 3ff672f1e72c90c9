import { test } from 'node:test'
import { followTutorial } from './tutorials.ts'

test('the tutorial of a first model does what it says', () => followTutorial('docs/tutorials/01-first-model.md'))
