/** Ray Tune's side: a job on the very cluster that ours runs on. */
import { join } from 'node:path'
import { type RunningCluster, runJob } from '../../scripts/cluster/index.ts'

export interface PeerAnswer {
  /** Of the search alone: Ray, its modules and its connection stand already. */
  readonly seconds: number
  /** From the submission of the job to its end. */
  readonly job: number
  readonly trials: number
  readonly versions: Readonly<Record<string, string>>
}

export interface GridAnswer extends PeerAnswer {
  readonly best: number
  readonly at: Readonly<Record<string, number>>
}

/** Trials that do nothing. */
export function trivialTune(cluster: RunningCluster, trials: number, workers: number): Promise<PeerAnswer> {
  return ask(cluster, ['trivial', String(trials), String(workers)])
}

/** The grid, on x.npy, y.npy and folds.npy of a folder. */
export function gridTune(
  cluster: RunningCluster,
  folder: string,
  workers: number,
  points: Readonly<Record<string, readonly number[]>>,
): Promise<GridAnswer> {
  return ask(cluster, ['grid', folder, String(workers), JSON.stringify(points)])
}

async function ask<A>(cluster: RunningCluster, args: readonly string[]): Promise<A> {
  const words = [cluster.python, join(import.meta.dirname, 'tune_peer.py'), ...args]
  const began = performance.now()
  const out = await runJob(cluster.place, { entrypoint: `exec ${words.map(quote).join(' ')}` }, 900_000)
  const job = (performance.now() - began) / 1000
  const [, answer] = /^ANSWER (.+)$/m.exec(out) ?? []
  if (answer === undefined) throw new Error(`Ray Tune gave no answer: ${out.slice(-1000)}`)
  return { ...JSON.parse(answer), job }
}

/** For a shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
