import { samplers } from '../../../src/hpo/index.ts'
import { samplerConformance } from '../../../src/hpo/testing/samplers.ts'

samplerConformance('tpe', samplers.tpe, { learns: true })
