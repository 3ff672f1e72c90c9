import { engines } from '../../src/cluster/index.ts'
import { engineConformance } from '../../src/cluster/testing/engines.ts'

for (const [name, make] of Object.entries(engines)) engineConformance(name, () => make(), { processes: name === 'processes' })
