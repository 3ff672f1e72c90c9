/** Studies on a Ray cluster in which processes are killed at moments that a seed chose, until they are finished. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { alive, lookUp, type Process, type RunningCluster, type Seen } from '../../../scripts/cluster/index.ts'
import { random } from '../../../src/core/random.ts'
import type { StudyRecord } from '../../../src/hpo/index.ts'
import { temporary } from '../../run/place.ts'
import { type Place, placeIn, reportsOf, type Tuning } from '../../run/trials/program.ts'
import { nothingLeft, rest, until, workersOn } from './world.ts'

/** Random points that run through: the same trials, bit by bit, whoever was killed and wherever they ran. */
export const plain = ['--sampler', 'random', '--pruner', 'none', '--seed', '3', '--retries', '1000']

export function onRay({ address }: RunningCluster, workers: number | 'auto' = 3): string[] {
  return ['--engine', 'ray', '--ray-address', address, '--workers', String(workers)]
}

/** Of epochs and pauses that make a trial last so many milliseconds. */
export function lasting(milliseconds: number, epochs = 3): string[] {
  return ['--set', `epochs=${epochs}`, '--set', `pause=${Math.round(milliseconds / epochs)}`]
}

export const hostsOn = (cluster: RunningCluster) => cluster.processes().filter(({ name }) => name.startsWith('ray::Host'))

/** A study that is disturbed; what is done at each moment says whether it could be done. */
export interface Disturbance {
  readonly cluster: RunningCluster
  readonly place: Place
  /** The driver of now. */
  readonly program: Tuning
}

export interface DisturbOptions {
  readonly cluster: RunningCluster
  readonly seed: string
  readonly moments: number
  readonly study: DisturbedStudy
  /** Longest rest between two moments. */
  readonly pause: number
  readonly disturb: (now: Disturbance, chance: ReturnType<typeof random>) => boolean | Promise<boolean>
}

export interface DisturbedStudy {
  readonly file?: string
  /** What is the same undisturbed. */
  readonly args: readonly string[]
  /** How long it takes. */
  readonly pace: readonly string[]
  /** How often a trial that is given back may repeat a report. */
  readonly again?: number
  /** Whether all workers are at work. */
  readonly strong: (place: Place) => Promise<boolean>
}

/** So many trials, none of which knows of the others. */
export function alone(trials: number, milliseconds: number): DisturbedStudy {
  const [set, epochs, ...pace] = lasting(milliseconds)
  const args = [...plain, '--trials', String(trials), set as string, epochs as string]
  return { args, pace, strong: async (place) => (await runningOf(place)) >= 3 }
}

/** Drives studies until there were so many moments, each of them to its end, and checks what came of them. */
export async function disturbed(options: DisturbOptions): Promise<void> {
  const { cluster, moments, study, pause, disturb } = options
  const chance = random(options.seed)
  const args = [...onRay(cluster), ...study.args, ...study.pace]
  const expected = await undisturbed(study)
  for (let left = moments; left > 0; ) {
    await using folder = await temporary()
    const place = await placeIn(folder, study.file)
    for (let code: number | string | undefined; code !== 0; ) {
      const program = place.tune(...args)
      code = undefined
      void program.exit.then((found) => {
        code = found
      })
      await until('workers come', () => code !== undefined || workersOn(cluster).length > 0, 60_000)
      while (code === undefined) {
        await rest(50 + chance.uniform() * pause)
        if (left === 0 || code !== undefined || !(await disturb({ cluster, place, program }, chance))) continue
        left--
        // A worker that dies again and again before it says a word is given up, and rightly so.
        if (left % 2 === 0) await until('full strength', async () => code !== undefined || (await study.strong(place)), 60_000)
      }
      assert.ok(code === 0 || code === 'SIGKILL', `it ended with ${code}: ${program.stderr()}`)
    }
    const found = await place.check(undefined, study.again)
    assert.equal(found.status, 'finished')
    assert.deepEqual(bitsOf(found), expected, 'the same trials, the same bits')
    await nothingLeft(cluster)
  }
}

/** What processes of this machine make of the same trials. */
async function undisturbed({ file, args }: DisturbedStudy) {
  await using folder = await temporary()
  const place = await placeIn(folder, file)
  const program = place.tune('--workers', '2', ...args)
  assert.equal(await program.exit, 0, program.stderr())
  return bitsOf(await place.check())
}

/** Without how long they paused. */
export function bitsOf(study: StudyRecord) {
  return reportsOf(study).map(({ config: { pause: _, ...config }, ...rest }) => ({ ...rest, config }))
}

/** How many trials are running now. */
export async function runningOf(place: Place): Promise<number> {
  const found = await place.read().catch(() => undefined)
  return found ? found.study.trials.filter(({ state }) => state === 'running').length : 0
}

export function summary(seconds: readonly number[]): string {
  return `${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)}, in the middle ${middle(seconds).toFixed(1)}`
}

export function middle(seconds: readonly number[]): number {
  return [...seconds].sort((a, b) => a - b)[seconds.length >> 1] ?? 0
}

/** How it was called. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

export function one<T>(of: readonly T[], chance: ReturnType<typeof random>): T | undefined {
  return of[chance.int(Math.max(1, of.length))]
}

export function signal({ pid, start }: Process, name: NodeJS.Signals): boolean {
  try {
    return lookUp(pid)?.start === start && process.kill(pid, name)
  } catch {
    return false
  }
}

/** Seconds until none of them lives. */
export async function gone(processes: readonly Seen[], milliseconds: number): Promise<number> {
  const began = performance.now()
  await until('they are gone', () => !processes.some(alive), milliseconds)
  return (performance.now() - began) / 1000
}
