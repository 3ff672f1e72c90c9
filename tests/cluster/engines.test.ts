import { engines } from '../../src/cluster/index.ts'
import { engineConformance } from '../../src/cluster/testing/engines.ts'

for (const [name, make] of Object.entries(engines)) {
  // It needs a cluster: tests/heavy/ray/engine.test.ts.
  if (name !== 'ray') engineConformance(name, () => make(), { processes: name === 'processes' })
}
