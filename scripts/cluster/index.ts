/** Ray clusters of several nodes on one host, for tests and benchmarks. */
export { type ClusterNode, type ClusterOptions, endCluster, type Found, findCluster, type RunningCluster, startCluster } from './cluster.ts'
export { type Installed, installRay } from './install.ts'
export { alive, lookUp, type Process, type Seen } from './processes.ts'
export { type Answer, ask, type Job, type ListedNode, listNodes, type Place, runJob } from './rest.ts'
export { Trouble } from './trouble.ts'
