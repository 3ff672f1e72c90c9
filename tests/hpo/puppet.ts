/** A driver whose workers are puppets: tests say their words, at the times they choose. */
import { type VirtualClock, virtualClock } from '../../src/core/clock.ts'
import type { Json } from '../../src/core/json.ts'
import type { StudyEvent } from '../../src/hpo/events.ts'
import {
  createDriver,
  createStudy,
  type Driver,
  type DriverOptions,
  type FromDriver,
  type FromWorker,
  readFromDriver,
  type Study,
  type StudyLog,
  type StudyParts,
  type StudySettings,
} from '../../src/hpo/index.ts'
import type { TimedEvent } from '../../src/hpo/study.ts'
import { transports } from '../../src/net/index.ts'
import { partsOf, settingsOf } from './world.ts'

export interface Puppet {
  /** What it heard and has not been asked about: messages, and the bytes beside them as text. */
  readonly heard: (FromDriver & { readonly bytes?: string })[]
  /** Why the driver killed it, if it did. */
  readonly killed: string | undefined
  memory: number | undefined
  say(message: FromWorker | Json, bytes?: string): Promise<void>
  /** Says it is ready, and gives the trial it gets, or undefined. */
  ask(): Promise<(Extract<FromDriver, { kind: 'trial' }> & { readonly bytes?: string }) | undefined>
  /** Reports, and gives the verdict. */
  report(order: { trial: number; attempt: number }, step: number, loss: number): Promise<string | undefined>
  end(order: { trial: number; attempt: number }, outcome: string, metrics?: Record<string, number>): Promise<void>
  die(reason?: string): Promise<void>
}

export interface Stage extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly study: Study
  readonly driver: Driver
  /** What is written, and what is recorded but not yet written. */
  readonly written: StudyEvent[]
  readonly pending: StudyEvent[]
  readonly log: StudyLog & { readonly lines: string[]; readonly checkpoints: Map<number, string>; readonly models: [number, string[]][] }
  /** What became of `driver.done`. */
  readonly outcome: { end?: { reason: string; stopped: boolean }; error?: unknown }
  worker(rank: number): Promise<Puppet>
  settle(milliseconds?: number): Promise<void>
}

export interface StageOptions extends Partial<Omit<DriverOptions, 'study' | 'log' | 'clock'>> {
  readonly settings?: Partial<StudySettings>
  readonly parts?: Partial<StudyParts>
  readonly past?: readonly TimedEvent[]
  /** Milliseconds that the driver was stopped for, by now. */
  readonly frozen?: () => number
  /** Overrides of the log. */
  readonly log?: (log: StudyLog) => Partial<StudyLog>
}

export async function stage({
  settings: change,
  parts,
  past = [],
  log: override,
  frozen = () => 0,
  ...options
}: StageOptions = {}): Promise<Stage> {
  const clock = virtualClock(1000)
  const settings = settingsOf(change)
  const written: StudyEvent[] = []
  const pending: StudyEvent[] = []
  const checkpoints = new Map<number, string>()
  const models: [number, string[]][] = []
  const lines: string[] = []
  const plain: StudyLog = {
    async flush() {
      written.push(...pending.splice(0))
    },
    log: (_, text) => void lines.push(text),
    async saveCheckpoint(trial, bytes) {
      checkpoints.set(trial, textOf(bytes))
    },
    async readCheckpoint(trial) {
      const text = checkpoints.get(trial)
      return text === undefined ? undefined : bytesOf(text)
    },
    async dropCheckpoints(trial) {
      checkpoints.delete(trial)
    },
    async saveModel(trial, files) {
      models.push([trial, [...files.keys()]])
    },
  }
  const log = { ...plain, ...override?.(plain), lines, checkpoints, models }
  const study = createStudy(settings, { ...(await partsOf(settings)), ...parts }, past, clock.now, (event) => void pending.push(event))
  const driver = createDriver({ study, log, clock: { ...clock, elapsed: () => clock.elapsed() + frozen() }, ...options })
  const outcome: Stage['outcome'] = {}
  driver.done.then(
    (end) => {
      outcome.end = end
    },
    (error) => {
      outcome.error = error
    },
  )
  const settle = (milliseconds = 0) => clock.advance(milliseconds)
  const puppets: Puppet[] = []

  return {
    ...{ clock, study, driver, written, pending, log, outcome, settle },
    async worker(rank) {
      const { near, far } = await pair()
      const heard: Puppet['heard'] = []
      let killed: string | undefined
      near.onMessage(({ body, bytes }) => void heard.push({ ...readFromDriver(body), ...(bytes && { bytes: textOf(bytes) }) }))
      const puppet: Puppet = {
        heard,
        get killed() {
          return killed
        },
        memory: undefined,
        async say(message, bytes) {
          near.send(message as Json, bytes === undefined ? undefined : bytesOf(bytes))
          await settle()
        },
        async ask() {
          await puppet.say({ kind: 'ready' })
          return take(heard, 'trial')
        },
        async report({ trial, attempt }, step, loss) {
          await puppet.say({ kind: 'report', trial, attempt, step, metrics: { loss } })
          return take(heard, 'verdict')?.verdict
        },
        end: ({ trial, attempt }, outcome, metrics = {}) => puppet.say({ kind: 'result', trial, attempt, outcome, metrics }),
        async die(reason = 'SIGKILL') {
          near.close(reason)
          await settle()
        },
      }
      puppets.push(puppet)
      driver.attach({
        ...{ rank, connection: far, title: `worker ${rank}`, lost: far.closed },
        get memory() {
          return puppet.memory
        },
        kill(reason) {
          killed ??= reason
          far.close(reason)
        },
      })
      await settle()
      return puppet
    },
    async [Symbol.asyncDispose]() {
      driver.stop('the test is over')
      for (const puppet of puppets) await puppet.die()
    },
  }
}

async function pair() {
  const transport = transports.memory({ breath: 0 })
  const accepted = Promise.withResolvers<Parameters<Parameters<typeof transport.listen>[0]['accept']>[0]>()
  await using listener = await transport.listen({ token: 'x', accept: accepted.resolve })
  const near = await transport.dial(listener.address, { token: 'x', hello: null })
  return { near, far: await accepted.promise }
}

function take<K extends FromDriver['kind']>(
  heard: Puppet['heard'],
  kind: K,
): (Extract<FromDriver, { kind: K }> & { bytes?: string }) | undefined {
  const at = heard.findIndex((message) => message.kind === kind)
  return at < 0 ? undefined : (heard.splice(at, 1)[0] as Extract<FromDriver, { kind: K }> & { bytes?: string })
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
