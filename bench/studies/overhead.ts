/** What a trial that does nothing costs, here and elsewhere. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadTraining, type StudyWatcher, tune } from '../../src/run/index.ts'
import { python } from '../lib/programs.ts'
import { median } from '../lib/statistics.ts'

export interface Overhead {
  /** Milliseconds a trial, one for each round. */
  readonly turns: readonly number[]
  readonly version: string
}

const file = join(import.meta.dirname, 'trivial.ts')

/** Milliseconds a trial: from the first that has ended to the last, so that no start of a process is counted. */
export async function ours(engine: 'inline' | 'threads' | 'processes', trials: number, workers: number): Promise<number> {
  const store = await mkdtemp(join(tmpdir(), 'tutti-bench-'))
  try {
    const ended: number[] = []
    const watcher: Partial<StudyWatcher> = { ended: () => void ended.push(performance.now()) }
    const what = engine === 'inline' ? await loadTraining(file) : file
    const warm = 50
    const { trials: counts } = await tune(what, {
      store,
      engine,
      workers,
      trials: trials + warm,
      sampler: 'random',
      pruner: 'none',
      watcher,
    })
    if (counts.finished !== trials + warm) throw new Error(`${counts.finished} of ${trials + warm} trials finished`)
    return ((ended.at(-1) as number) - (ended[warm - 1] as number)) / trials
  } finally {
    await rm(store, { recursive: true, force: true })
  }
}

export type Peer = 'optuna-memory' | 'optuna-sqlite' | 'ray'

/** Undefined where it is not installed, or fails. */
export async function theirs(peer: Peer, trials: number): Promise<{ milliseconds: number; version: string } | { reason: string }> {
  if (!existsSync(python)) return { reason: 'npm run bench:peers was not run' }
  const child = spawn(python, [join(import.meta.dirname, 'overhead_peer.py'), peer, String(trials)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const limit = setTimeout(() => child.kill('SIGKILL'), 180_000)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code] = await once(child, 'close')
  clearTimeout(limit)
  if (code !== 0) return { reason: err.trim().split('\n').at(-1) ?? `exit code ${code}` }
  const { seconds, trials: count, version } = JSON.parse(out.trim().split('\n').at(-1) as string)
  return { milliseconds: (seconds / count) * 1000, version }
}

export interface OverheadResult {
  readonly inline: number
  readonly processes: number
  readonly threads: number
  readonly peers: Readonly<Record<Peer, { readonly milliseconds: number; readonly version: string } | { readonly reason: string }>>
}

/** Medians over rounds in which all take turns. */
export async function overhead({ quick, progress }: { quick: boolean; progress(text: string): void }): Promise<OverheadResult> {
  const rounds = quick ? 1 : 3
  const turns: Record<string, number[]> = { inline: [], processes: [], threads: [] }
  const peers: Record<string, { turns: number[]; version: string } | { reason: string }> = {}
  for (let round = 0; round < rounds; round++) {
    progress(`bookkeeping, round ${round + 1} of ${rounds}`)
    turns.inline?.push(await ours('inline', quick ? 500 : 2000, 1))
    turns.processes?.push(await ours('processes', quick ? 500 : 2000, 2))
    turns.threads?.push(await ours('threads', quick ? 500 : 2000, 2))
    for (const [peer, trials] of [
      ['optuna-memory', quick ? 200 : 1000],
      ['optuna-sqlite', quick ? 30 : 100],
      ['ray', quick ? 8 : 40],
    ] as const) {
      progress(`bookkeeping of ${peer}`)
      const measured = await theirs(peer, trials)
      const known = peers[peer]
      if ('reason' in measured) peers[peer] ??= measured
      else if (known && 'turns' in known) known.turns.push(measured.milliseconds)
      else peers[peer] = { turns: [measured.milliseconds], version: measured.version }
    }
  }
  const middle = Object.fromEntries(
    Object.entries(peers).map(([peer, found]) => [
      peer,
      'turns' in found ? { milliseconds: median(found.turns), version: found.version } : found,
    ]),
  )
  const ms = (name: string) => median(turns[name] as number[])
  return { inline: ms('inline'), processes: ms('processes'), threads: ms('threads'), peers: middle as OverheadResult['peers'] }
}
