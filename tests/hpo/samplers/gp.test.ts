import { samplers } from '../../../src/hpo/index.ts'
import { samplerConformance } from '../../../src/hpo/testing/samplers.ts'

samplerConformance('gp', samplers.gp, { learns: { trials: 30, seeds: 3 }, trials: 24 })
