/** Studies whose driver can be killed at any event: a store in memory that forgets what was not flushed, and sessions over it. */
import assert from 'node:assert/strict'
import { type VirtualClock, virtualClock } from '../../src/core/clock.ts'
import { fail } from '../../src/core/errors.ts'
import { fromText, type Json, toText } from '../../src/core/json.ts'
import { type Random, random } from '../../src/core/random.ts'
import { build, type Spec } from '../../src/core/registry.ts'
import {
  logOf,
  openStudy,
  type Pruner,
  pruners,
  replayLog,
  type Sampler,
  type Simulated,
  type SimulatedTraining,
  type SimulateOptions,
  type Study,
  type StudyParts,
  type StudySettings,
  samplers,
  simulate,
} from '../../src/hpo/index.ts'
import type { TimedEvent } from '../../src/hpo/study.ts'
import { type Dimensions, dimensions as d, type Value } from '../../src/space/index.ts'
import type { RunEvent, RunRecord, RunWriter, Store } from '../../src/store/index.ts'

// --- the store ---

export interface World extends Store {
  readonly clock: VirtualClock
  /** The process that has the study dies: what it did not flush is gone, but for some of it, and nothing more is written. */
  kill(): void
  /** Called before each thing that is recorded or kept; may kill, or throw as a full disk does. */
  onWrite: (what: string) => void
  /** Everything that is durable, of the only study. */
  log(): Promise<TimedEvent[]>
  readonly checkpoints: readonly string[]
}

interface Run {
  record: RunRecord
  readonly events: RunEvent[]
  readonly artifacts: Map<string, Uint8Array>
}

export function createWorld(seed: number | string = 0): World {
  const clock = virtualClock(1_000_000)
  const chance = random(seed).fork('world')
  const runs = new Map<string, Run>()
  let alive: { id: string; die(): void } | undefined

  const find = (id: string): Run => {
    const run = runs.get(id)
    if (!run) throw fail('RUN_UNKNOWN', id, runs.keys())
    return run
  }
  const write = (id: string): RunWriter => {
    const run = find(id)
    let pending: RunEvent[] = []
    let dead = false
    const me = {
      id,
      die() {
        // The store may have written some of it by itself.
        run.events.push(...pending.slice(0, chance.int(pending.length + 1)))
        pending = []
        dead = true
        alive = undefined
      },
    }
    alive = me
    const check = (what: string) => {
      if (!dead) world.onWrite(what)
      if (dead) throw fail('RUN_TAKEN', id)
    }
    const settle = () => {
      run.events.push(...pending)
      pending = []
    }
    const artifact = async (name: string, use: () => void) => {
      check(name)
      settle()
      await breath()
      check(name)
      use()
    }
    return {
      id,
      metric() {},
      log() {},
      event(kind, data) {
        check(kind)
        pending.push({ time: clock.now(), kind, data: fromText(toText(data)) })
      },
      artifact: async (name, bytes, { kind }) => {
        await artifact(name, () => run.artifacts.set(name, bytes))
        return { name, kind, path: name, bytes: bytes.length, sha256: '', time: clock.now() }
      },
      removeArtifact: (name) =>
        artifact(name, () => {
          if (!run.artifacts.delete(name)) throw fail('ARTIFACT_UNKNOWN', id, name, run.artifacts.keys())
        }),
      async flush() {
        check('flush')
        settle()
      },
      async finish(status) {
        if (dead) throw fail('RUN_TAKEN', id)
        settle()
        run.record = { ...run.record, status, ended: clock.now() }
        dead = true
        alive = undefined
      },
      async [Symbol.asyncDispose]() {
        if (!dead) await this.finish('interrupted')
      },
    }
  }
  /** What takes a file system a while takes a few turns here. */
  const breath = async () => {
    for (let turns = chance.int(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
  }

  const world: World = {
    clock,
    location: 'memory',
    onWrite() {},
    kill: () => alive?.die(),
    log: () => logOf(world, 'study'),
    get checkpoints() {
      return [...(runs.get('study')?.artifacts.keys() ?? [])].filter((name) => name.includes('checkpoint'))
    },
    async createRun({ id = 'study', ...spec }) {
      if (runs.has(id)) throw fail('RUN_EXISTS', id)
      runs.set(id, {
        record: { id, ...spec, status: 'running', created: clock.now(), metrics: {}, owner: 'a driver' },
        events: [],
        artifacts: new Map(),
      })
      return write(id)
    },
    async claim(id) {
      const run = find(id)
      if (alive?.id === id) throw fail('RUN_OWNED', id, 'a driver')
      run.record = { ...run.record, status: 'running' }
      return write(id)
    },
    run: async (id) => find(id).record,
    runs: async ({ mode } = {}) => [...runs.values()].map(({ record }) => record).filter((record) => !mode || record.mode === mode),
    events: async (id) => find(id).events.map((event) => ({ ...event })),
    artifacts: async (id) =>
      [...find(id).artifacts].map(([name, bytes]) => ({ name, kind: 'checkpoint', path: name, bytes: bytes.length, sha256: '', time: 0 })),
    async readArtifact(id, name) {
      if (!find(id).artifacts.has(name)) throw fail('ARTIFACT_UNKNOWN', id, name, [])
      await breath()
      const bytes = find(id).artifacts.get(name)
      if (!bytes) throw fail('ARTIFACT_MISSING', id, name, name)
      return bytes
    },
    metrics: async () => [],
    logs: async () => [],
    deleteRun: async (id) => void runs.delete(id),
    async [Symbol.asyncDispose]() {},
  }
  return world
}

// --- sessions ---

export const space: Dimensions = { x: d.uniform(-1, 1), rate: d.logUniform(1e-3, 1), kind: d.choice(['a', 'b']) }
/** Of finite kinds, for what walks through all points. */
export const finite: Dimensions = { x: d.quantized(-1, 1, 0.25), kind: d.choice(['a', 'b', 'c']), flag: d.boolean() }
const defaults = { x: 0, rate: 0.1, kind: 'a', flag: false }

export function settingsOf(change: Partial<StudySettings> = {}): StudySettings {
  return {
    objectives: [{ metric: 'loss', direction: 'minimize' }],
    space,
    defaults,
    sampler: { kind: 'random' },
    pruner: { kind: 'none' },
    seed: 1,
    wanted: { trials: 20 },
    workers: 4,
    engine: 'simulated',
    ...change,
  }
}

export async function partsOf(settings: StudySettings): Promise<StudyParts> {
  return {
    sampler: build<Sampler>('sampler', samplers, settings.sampler as Spec),
    pruner: build<Pruner>('pruner', pruners, settings.pruner as Spec),
  }
}

/** Steps that were computed, by config. */
export type Computed = Map<string, number[]>

/** Learns towards a place that depends on the config, faster with a higher rate. */
export function curveTraining(computed: Computed = new Map(), change: Partial<SimulatedTraining> = {}): SimulatedTraining {
  return {
    steps: () => 6,
    metrics(config, step) {
      const key = JSON.stringify(config)
      const steps = computed.get(key) ?? []
      steps[step] = (steps[step] ?? 0) + 1
      computed.set(key, steps)
      const end = Math.abs(Number(config.x) - 0.3) + (config.kind === 'b' ? 0.1 : 0)
      return { loss: end + Math.exp(-(step + 1) * (0.2 + Number(config.rate))), other: step }
    },
    duration: (config) => 1000 * (1 + Math.abs(Number(config.x))),
    ...change,
  }
}

export interface SessionOptions extends Partial<Pick<SimulateOptions, 'crashes' | 'stragglers' | 'latency' | 'checkpoints' | 'meet'>> {
  readonly settings?: StudySettings
  readonly parts?: StudyParts
  readonly training?: SimulatedTraining
  readonly seed?: number
  /** After how many writes the driver is killed. */
  readonly killAfter?: number
  /** Before anything is driven. */
  readonly prepare?: (study: Study) => void
}

export interface Session {
  /** Undefined where it was killed or failed. */
  readonly end: Simulated | undefined
  readonly error: unknown
  readonly killed: boolean
  readonly study: Study | undefined
}

/** One driver's life: opens the study, drives it with simulated workers, and ends in one way or another. */
export async function session(world: World, options: SessionOptions = {}): Promise<Session> {
  const { settings = settingsOf(), training = curveTraining(), killAfter, seed = 0, prepare, ...rest } = options
  const parts = options.parts ?? (await partsOf(settings))
  let writes = 0
  let killed = false
  world.onWrite = () => {
    if (++writes !== killAfter) return
    killed = true
    world.kill()
  }
  let study: Study | undefined
  try {
    const opened = await openStudy(world, world.clock, { name: 'curve', mode: 'study', id: 'study', settings: () => settings, parts })
    await using writer = opened.writer
    study = opened.study
    prepare?.(study)
    const end = await simulate({
      ...rest,
      ...{ study, log: opened.log, clock: world.clock, workers: settings.workers, training, seed },
    })
    world.onWrite = () => {}
    await writer.finish(end.end.stopped ? 'interrupted' : 'finished')
    return { end, error: undefined, killed: false, study }
  } catch (error) {
    return { end: undefined, error, killed, study }
  } finally {
    world.onWrite = () => {}
  }
}

/** Sessions until the study is finished, the first of them killed somewhere. */
export async function drivenThrough(world: World, kills: readonly number[], options: SessionOptions): Promise<Session> {
  for (const [i, killAfter] of kills.entries()) {
    const one = await session(world, { ...options, killAfter, seed: (options.seed ?? 0) + i + 1 })
    if (one.end) return one
    assert.ok(one.killed, `it failed by itself: ${(one.error as Error)?.stack}`)
  }
  const last = await session(world, options)
  if (!last.end) throw last.error
  return last
}

// --- laws ---

const ends = ['pruned', 'finished', 'failed', 'lost']

/**
 * What must hold of the log of a study that came to its end, whatever happened meanwhile.
 *
 * @param again how many reports an interruption may repeat; trials that keep no checkpoint repeat all.
 */
export function checkLaws(log: readonly TimedEvent[], trials?: number, again = 1): void {
  const state = new Map<number, 'made' | 'running' | 'paused' | 'returned' | 'ended'>()
  const redone = new Map<number, number>()
  const steps = new Map<number, Set<number>>()
  const interruptions = new Map<number, number>()
  const add = (counts: Map<number, number>, key: number) => counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const { event } of log) {
    if (!('trial' in event) || event.kind === 'model') continue
    const { trial } = event
    const was = state.get(trial)
    switch (event.kind) {
      case 'ask':
        assert.equal(was, undefined, `trial ${trial} is made once`)
        assert.equal(trial, state.size, 'trials are numbered as they are made')
        state.set(trial, 'made')
        steps.set(trial, new Set())
        break
      case 'start':
        assert.ok(was === 'made' || was === 'paused' || was === 'returned', `trial ${trial} is ${was} and begins`)
        state.set(trial, 'running')
        break
      case 'report': {
        assert.equal(was, 'running', `trial ${trial} reports`)
        const seen = steps.get(trial) as Set<number>
        if (seen.has(event.step)) add(redone, trial)
        seen.add(event.step)
        break
      }
      case 'pause':
        assert.equal(was, 'running', `trial ${trial} pauses`)
        state.set(trial, 'paused')
        break
      case 'return':
        assert.equal(was, 'running', `trial ${trial} is given back`)
        state.set(trial, 'returned')
        add(interruptions, trial)
        break
      case 'end':
        assert.ok(was === 'running' || was === 'paused', `trial ${trial} is ${was} and ends`)
        assert.ok(ends.includes(event.state))
        state.set(trial, 'ended')
    }
  }
  for (const [trial, one] of state) assert.equal(one, 'ended', `trial ${trial}`)
  for (const [trial, count] of redone)
    assert.ok(count <= again * (interruptions.get(trial) ?? 0), `trial ${trial} repeated ${count} reports`)
  if (trials !== undefined) assert.equal(state.size, trials)
}

/** Asks sampler and pruner again. */
export async function checkReplay(log: readonly TimedEvent[]): Promise<void> {
  const { differences } = await replayLog(log, partsOf)
  assert.deepEqual(differences, [])
}

/** The log in words, without times: what is to be the same when everything is. */
export function story(log: readonly TimedEvent[]): string {
  return log.map(({ event, time }) => `${time} ${JSON.stringify(event as unknown as Json)}`).join('\n')
}

export type { Random, Value }
