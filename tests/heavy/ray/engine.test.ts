/** What every engine must do, on the nodes of a Ray cluster. */
import { after, test } from 'node:test'
import { engines } from '../../../src/cluster/index.ts'
import { engineConformance } from '../../../src/cluster/testing/engines.ts'
import { endOf, nothingLeft, threeNodes } from './world.ts'

const cluster = await threeNodes()
after(() => endOf(cluster))

// Small shares of a node's processor: several tests have workers at a time.
engineConformance('ray', () => engines.ray({ address: cluster.address, cpusPerWorker: 0.1 }), {
  processes: true,
  concurrency: 3,
  slack: 3000,
})

test('nothing of it is left on the cluster', () => nothingLeft(cluster))
