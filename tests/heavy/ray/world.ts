/** A Ray cluster for the tests of one file, and what is left of our work on it. */
import assert from 'node:assert/strict'
import { alive, ask, type ClusterOptions, type RunningCluster, type Seen, startCluster } from '../../../scripts/cluster/index.ts'

export const rest = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** Waits until something is so. */
export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
  milliseconds = 30_000,
): Promise<T> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found
    assert.ok(performance.now() < deadline, `${what}: not within ${milliseconds} ms`)
    await rest(50)
  }
}

/** Ray gives a node 30 s to come up, which on a busy machine may not be enough: it is tried twice. */
export const startedTwice = (options: ClusterOptions) => startCluster(options).catch(() => startCluster(options))
export const threeNodes = () => startedTwice({ nodes: 3 })

/** What runs Node on the cluster now: the workers, whoever their driver is. */
export function workersOn(cluster: RunningCluster): Seen[] {
  return cluster.processes().filter(({ name }) => name === 'node' || name === 'MainThread')
}

/** The jobs that Ray knows, with how they are. */
export async function jobsOn({ place }: RunningCluster): Promise<{ submission_id: string; status: string }[]> {
  const { status, text } = await ask(place, 'GET', '/api/jobs/')
  assert.equal(status, 200, text)
  return JSON.parse(text)
}

/** No worker, no job that runs and no host is left on the cluster, after 5 s at the latest. */
export async function nothingLeft(cluster: RunningCluster, milliseconds = 5000): Promise<void> {
  await until('no worker is left', () => workersOn(cluster).length === 0, milliseconds)
  await until(
    'all jobs have ended',
    async () => (await jobsOn(cluster)).every(({ status }) => ['SUCCEEDED', 'FAILED', 'STOPPED'].includes(status)),
    milliseconds,
  )
}

/** Ends the cluster; nothing of it is left. */
export async function endOf(cluster: RunningCluster): Promise<void> {
  const all = cluster.processes()
  await cluster.stop()
  assert.deepEqual(all.filter(alive), [])
}
