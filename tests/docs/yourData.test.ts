import { test } from 'node:test'
import { followTutorial } from './tutorials.ts'

test('the tutorial of your own data does what it says', () => followTutorial('docs/tutorials/02-your-data.md'))
