import { test } from 'node:test'
import { followTutorial } from './tutorials.ts'

test('the tutorial of trees and tables does what it says', () => followTutorial('docs/tutorials/05-trees-and-tables.md'))
