/** What the parts of this suite share: clusters, and our side's engine. */
import { type RunningCluster, startCluster } from '../../scripts/cluster/index.ts'
import type { SuiteOptions } from '../lib/suite.ts'

export const suite = 'ray'

/** A fresh cluster of one-CPU nodes on this host. */
export async function clusterOf(nodes: number, { progress }: SuiteOptions): Promise<RunningCluster> {
  progress(`a cluster of ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`)
  return await startCluster({ nodes })
}

export function engineOf({ address, tokenFile }: RunningCluster) {
  return { kind: 'ray', address, ...(tokenFile !== undefined && { tokenFile }) } as const
}
