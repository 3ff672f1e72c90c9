/** `tutti tune` as a process of its own, whose workers can be found, frozen and killed. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logOf, readStudy, type StudyRecord } from '../../../src/hpo/index.ts'
import type { TimedEvent } from '../../../src/hpo/study.ts'
import { openStore } from '../../../src/store/index.ts'
import { checkLaws, checkReplay } from '../../hpo/world.ts'
import { bin, type Folder } from '../place.ts'

export const small = join(import.meta.dirname, 'fixtures/small.ts')

export interface Tuning {
  readonly process: ChildProcess
  readonly exit: Promise<number | string>
  readonly stdout: () => string
  readonly stderr: () => string
  /** Process ids of the workers there are now. */
  workers(): number[]
}

export interface Place {
  readonly folder: Folder
  readonly store: string
  /** Every process that was ever seen. */
  readonly pids: Set<number>
  tune(...args: string[]): Tuning
  read(): Promise<{ readonly study: StudyRecord; readonly log: TimedEvent[] }>
  /** Waits until the study is as it should be. */
  until(fits: (study: StudyRecord, log: TimedEvent[]) => boolean, milliseconds?: number): Promise<void>
  /** The laws of a study that came to its end, and that nothing of it is left running or lying about. */
  check(trials?: number, again?: number): Promise<StudyRecord>
}

/** Where a study 's' is driven again and again. */
export async function placeIn(folder: Folder, file = small): Promise<Place> {
  const temporary = join(folder.path, 'tmp')
  await mkdir(temporary, { recursive: true })
  const pids = new Set<number>()
  let last: readonly string[] = []
  const place: Place = {
    folder,
    store: folder.store,
    pids,
    tune(...args) {
      last = args
      const child = spawn(process.execPath, [bin, 'tune', file, '--store', folder.store, '--study', 's', '--json', '--quiet', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, TMPDIR: temporary, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
      })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (text) => {
        stdout += text
      })
      child.stderr.on('data', (text) => {
        stderr += text
      })
      pids.add(child.pid as number)
      return {
        process: child,
        exit: once(child, 'close').then(([code, signal]) => code ?? signal),
        stdout: () => stdout,
        stderr: () => stderr,
        workers() {
          const found = childrenOf(child.pid as number)
          for (const pid of found) pids.add(pid)
          return found
        },
      }
    },
    async read() {
      await using store = await openStore({ path: folder.store, readOnly: true })
      return { study: await readStudy(store, 's'), log: await logOf(store, 's') }
    },
    async until(fits, milliseconds = 30_000) {
      const deadline = performance.now() + milliseconds
      for (;;) {
        const found = await place.read().catch(() => undefined)
        if (found && fits(found.study, found.log)) return
        assert.ok(performance.now() < deadline, `it has not come so far: ${JSON.stringify(found?.study.trials.map(({ state }) => state))}`)
        await rest(20)
      }
    },
    async check(trials, again) {
      const { study, log } = await place.read()
      checkLaws(log, trials, again)
      await checkReplay(log)
      assert.ok(study.trials.length > 0)
      const deadline = performance.now() + 5000
      while ([...pids].some(isAlive) && performance.now() < deadline) await rest(20)
      assert.deepEqual([...pids].filter(isAlive), [], 'no process is left')
      const sockets = async () => (await readdir(temporary)).filter((name) => name.startsWith('tutti-'))
      // A driver that was killed before its first worker knew of its socket leaves it: a later one sweeps it.
      const old = new Date(Date.now() - 120_000)
      for (const name of await sockets()) await utimes(join(temporary, name), old, old)
      if ((await sockets()).length > 0) await place.tune(...last).exit
      assert.deepEqual(await sockets(), [], 'no socket is left')
      await using store = await openStore({ path: folder.store, readOnly: true })
      const checkpoints = (await store.artifacts('s')).filter(({ kind }) => kind === 'checkpoint')
      assert.deepEqual(checkpoints, [], 'no checkpoint is left')
      return study
    },
  }
  return place
}

/** What each trial reported, by its number and step: what must be the same, bit by bit, however it came about. */
export function reportsOf({ trials }: StudyRecord) {
  return trials.map(({ number, config, reports, metrics }) => ({
    number,
    config,
    metrics,
    reports: reports.map(({ step, metrics }) => [step, metrics]),
  }))
}

export const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // One that nobody has asked how it died is dead too.
  const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] : undefined
  return state !== undefined && state !== 'Z' && state !== 'X'
}
