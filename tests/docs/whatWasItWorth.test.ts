import { test } from 'node:test'
import { followTutorial } from './tutorials.ts'

test('the tutorial of ablations does what it says', () => followTutorial('docs/tutorials/04-what-was-it-worth.md'))
