/** The laws of all samplers that need nothing but the contract. Those of tpe and gp are in files of their own. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Sampler } from '../../../src/hpo/index.ts'
import { samplers } from '../../../src/hpo/index.ts'
import { samplerConformance } from '../../../src/hpo/testing/samplers.ts'

samplerConformance('random', samplers.random)
samplerConformance('grid', samplers.grid, { sequence: true, unfit: ['continuous', 'normal', 'mixed', 'conditional', 'constrained'] })
samplerConformance('grid', () => samplers.grid({ points: 3, shuffle: true }), { sequence: true, cuts: true })
samplerConformance('sobol', samplers.sobol, { sequence: true })
samplerConformance('cmaes', samplers.cmaes, { learns: true, unfit: ['unordered', 'one', 'fixed'] })
// Small populations, so that they breed within the suite's short studies.
samplerConformance('evolution', () => samplers.evolution({ population: 8 }), { learns: true })
samplerConformance('nsga2', () => samplers.nsga2({ population: 8 }), { learns: true })

samplers satisfies Record<string, (options?: never) => Sampler>

test('every sampler of the registry is held to these laws', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'))
  const all = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n')
  for (const name of Object.keys(samplers)) assert.ok(all.includes(`samplerConformance('${name}'`), `${name} is not`)
})
