/** The farm of a search that shares its work: workers that measure, unit by unit, all that a study is going to ask for. */
import type { Worker } from '../../cluster/index.ts'
import { formatBytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { fail, messageOf } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import type { Holding, SharedProgress } from '../../hpo/index.ts'
import { type Config, type Followed, isBetter, type Metrics } from '../../train/index.ts'
import { keyOf } from './ahead.ts'
import { type Book, type Entry, fits, type Planning, type Unit } from './book.ts'
import { progressOf } from './progress.ts'
import { type Answer, type FromFarm, type FromWorker, readFromWorker } from './protocol.ts'

export interface FarmOptions {
  readonly clock: Clock
  readonly book: Book
  readonly seed: number
  /** How many there are or are to be. */
  readonly workers: () => number
  readonly threads: number
  /** Of what the best member's model is wanted, if it is. */
  readonly keep?: Followed
  /** How often what a worker died of is given to another. */
  readonly retries: number
  /** Why nothing more may begin now, as drivers are told. */
  readonly admit?: (held: readonly Holding[], own: Holding) => string | undefined
  /** Bytes that a worker may hold, and milliseconds it may say nothing, while it has something to do. */
  readonly memoryLimit?: number
  readonly silence?: number
  readonly onStage?: (progress: SharedProgress) => void
  /** It cannot go on: the sampler is wrong. */
  readonly onFailure: (error: unknown) => void
}

export interface Farm extends Disposable {
  attach(worker: Worker): void
  /** Resolves when it is known which of the first configurations share a fit; whether any do. */
  readonly planned: Promise<boolean>
  /** In how many folds a configuration is measured. Rejects with what it fails with. */
  folds(config: Config): Promise<number>
  /** Its metrics in one of them. Rejects with what it fails with. */
  metrics(config: Config, fold: number): Promise<Metrics>
  /** The files of a configuration's model, where it is the best by now. */
  model(config: Config): ReadonlyMap<string, Uint8Array> | undefined
  progress(): SharedProgress
  /** How many workers could have something to do; whether one has nothing. */
  most(): number
  isIdle(rank: number): boolean
}

interface Session {
  readonly worker: Worker
  task: Task | undefined
  since: number
  heard: number
  done: number
  total: number
  prepared: boolean
  gone: boolean
}

interface Task {
  readonly number: number
  readonly work: Unit | Planning
  readonly model: Map<string, Uint8Array>
  member: number | undefined
}

/** How often memory and silence are looked at. Milliseconds. */
const lookEvery = 500

export function createFarm(options: FarmOptions): Farm {
  const { clock, book, seed, workers, threads, retries, keep } = options
  const plans: Planning[] = []
  const queue: Unit[] = []
  const sessions = new Map<number, Session>()
  const idle = new Set<Session>()
  /** Of all that was measured by now. */
  let best: { readonly entry: Entry; readonly value: number; readonly model: ReadonlyMap<string, Uint8Array> } | undefined
  const first = Promise.withResolvers<boolean>()
  first.promise.catch(() => undefined)
  const began = clock.elapsed()
  let serial = 0
  let over = false
  let waiting: string | undefined
  let last: Unit | undefined

  const send = ({ worker }: Session, message: FromFarm) => worker.connection.send(message as unknown as Json)
  const stage = () => options.onStage?.(progress())
  const atWork = () => [...sessions.values()].flatMap(({ task }) => task ?? [])
  const guard = <T>(use: () => T): T | undefined => {
    try {
      return use()
    } catch (error) {
      over = true
      first.reject(error)
      options.onFailure(error)
      return undefined
    }
  }
  const entryOf = (config: Config) => {
    const { entry, fresh } = book.need(config)
    if (fresh) plans.push(fresh)
    if (fresh) assign()
    return entry
  }

  // --- giving work ---

  /** What is not known yet is found out first, then the longest comes first. */
  const nextUnit = (): Unit | undefined => {
    let best: Unit | undefined
    const length = ({ group }: Unit) => group.took ?? (group.begun ? Number.MAX_VALUE : Number.POSITIVE_INFINITY)
    for (const unit of queue) if (!best || length(unit) > length(best)) best = unit
    return best
  }
  const assign = () => {
    if (over) return
    let reason: string | undefined
    for (const session of idle) {
      const work = plans[0] ?? nextUnit()
      if (!work) {
        prepare(session)
        continue
      }
      const held = [...sessions.values()].flatMap(({ task, worker }) => (task ? [worker] : []))
      const why = held.length > 0 ? options.admit?.(held, session.worker) : undefined
      if (why !== undefined) {
        reason = why
        continue
      }
      begin(session, work)
    }
    waiting = reason
  }
  /** Who has nothing to do while another plans loads the data meanwhile. */
  const prepare = (session: Session) => {
    const planning = atWork().find(({ work }) => work.kind === 'plan')?.work
    const config = planning?.kind === 'plan' ? planning.entries[0]?.config : undefined
    if (session.prepared || !config) return
    session.prepared = true
    send(session, { kind: 'prepare', config })
  }
  const begin = (session: Session, work: Unit | Planning) => {
    idle.delete(session)
    const number = serial++
    Object.assign(session, { task: { number, work, model: new Map(), member: undefined }, prepared: true, done: 0, total: 0 })
    session.since = session.heard = clock.elapsed()
    if (work.kind === 'plan') {
      plans.splice(plans.indexOf(work), 1)
      return send(session, { kind: 'plan', task: number, configs: work.entries.map(({ config }) => config) })
    }
    // The last ones get the threads of those that have nothing to do any more.
    const spread = Math.max(threads, Math.floor((workers() * threads) / queue.length))
    queue.splice(queue.indexOf(work), 1)
    last = work
    work.group.begun = true
    send(session, {
      ...{ kind: 'unit', task: number, fold: work.fold, seed, threads: spread },
      configs: work.members.map(({ config }) => config),
      ...(keep && { keep: { metric: keep.metric, direction: keep.direction, best: best?.value ?? null } }),
    })
  }

  // --- hearing ---

  const receive = (session: Session, body: Json, bytes: Uint8Array | undefined) => {
    if (over || session.gone) return
    let message: FromWorker
    try {
      message = readFromWorker(body)
    } catch (error) {
      return session.worker.kill(messageOf(error))
    }
    session.heard = clock.elapsed()
    if (message.kind === 'ready') {
      if (session.task) return session.worker.kill(fail('PROTOCOL', 'it is ready while it has something to do').message)
      idle.add(session)
      session.since = clock.elapsed()
      return assign()
    }
    const { task } = session
    if (!task || task.number !== message.task) return
    switch (message.kind) {
      case 'progress':
        Object.assign(session, { done: message.done, total: message.total })
        return
      case 'model':
        if (bytes) {
          task.model.set(message.name, bytes)
          task.member = message.member
        }
        return
      case 'planned':
        if (task.work.kind !== 'plan' || !fits(message, task.work.entries.length)) return session.worker.kill(badly)
        session.task = undefined
        planned(task.work, message)
        return
      case 'answer': {
        const { work, model, member } = task
        if (work.kind !== 'unit' || message.answers.length !== work.members.length) return session.worker.kill(badly)
        session.task = undefined
        work.group.took = clock.elapsed() - session.since
        if (member !== undefined) keepModel(work.members[member], message.answers[member], model)
        book.answered(work, message.answers)
        last = work
        stage()
        return
      }
      default:
        return message satisfies never
    }
  }

  /** Only the best one is kept, of equal ones that of the trial that ends first: models are large. */
  const keepModel = (entry: Entry | undefined, answer: Answer | undefined, model: ReadonlyMap<string, Uint8Array>) => {
    const value = keep && answer && 'metrics' in answer ? answer.metrics[keep.metric] : undefined
    if (!keep || !entry || value === undefined) return
    const isFirst = best !== undefined && value === best.value && entry.order < best.entry.order
    if (isFirst || isBetter(value, best?.value ?? null, keep)) best = { entry, value, model }
  }

  const planned = (planning: Planning, message: Extract<FromWorker, { kind: 'planned' }>) => {
    queue.push(...book.planned(planning, message))
    stage()
    decide()
    assign()
  }
  /** Whether any share a fit is known when the first that do are found, or when nobody plans any more. */
  const decide = () => {
    if (book.groups.some(({ members }) => members.length > 1)) return first.resolve(true)
    if (plans.length > 0 || atWork().some(({ work }) => work.kind === 'plan')) return
    // Where all have failed, that is what their trials are told.
    first.resolve(book.groups.length === 0)
  }

  // --- what may happen to workers ---

  const lose = (session: Session, reason: string) => {
    session.gone = true
    if (sessions.get(session.worker.rank) === session) sessions.delete(session.worker.rank)
    idle.delete(session)
    const work = session.task?.work
    session.task = undefined
    if (over || !work) return
    work.losses++
    const halves = work.kind === 'plan' && work.losses > 1 ? halved(work) : []
    if (halves.length > 1) plans.unshift(...halves)
    else if (work.losses > retries) {
      book.lost(work, fail('FAMILY_LOST', work.losses, reason))
      if (work.kind === 'plan') decide()
    } else if (work.kind === 'unit') queue.unshift(work)
    else plans.unshift(work)
    stage()
    assign()
  }
  const look = () => {
    const { memoryLimit, silence } = options
    for (const { worker, task, heard } of sessions.values()) {
      if (!task) continue
      const held = worker.memory
      if (memoryLimit !== undefined && held !== undefined && held > memoryLimit) {
        task.work.losses = retries
        worker.kill(`memory: it held ${formatBytes(held)}, and may hold ${formatBytes(memoryLimit)}`)
      } else if (silence !== undefined && clock.elapsed() - heard > silence) worker.kill(`silence: it said nothing for ${silence / 1000} s`)
    }
    if (waiting !== undefined) assign()
  }
  const timer = clock.every(lookEvery, look)

  // --- telling ---

  const progress = (): SharedProgress =>
    progressOf({
      ...{ groups: book.groups, units: book.units, last: last?.group, waiting },
      left: queue.length + atWork().filter(({ work }) => work.kind === 'unit').length,
      elapsed: clock.elapsed() - began,
      workers: Array.from({ length: workers() }, (_, rank) => workerAt(rank)),
    })
  const workerAt = (rank: number): SharedProgress['workers'][number] => {
    const session = sessions.get(rank)
    if (!session) return { rank, state: 'starting', since: clock.elapsed() - began }
    const { task, done, total: of } = session
    const since = clock.elapsed() - session.since
    const { node } = session.worker
    const who = { rank, ...(node !== undefined && { node }) }
    if (!task) return { ...who, state: 'idle', since }
    const { work } = task
    if (work.kind === 'plan') return { ...who, state: 'planning', since }
    return { ...who, state: 'working', since, family: work.group.number, fold: work.fold, members: work.members.length, done, total: of }
  }

  const foreseen = guard(() => book.look())
  if (foreseen) plans.push(foreseen)
  else first.resolve(false)

  return {
    planned: first.promise,
    attach(worker) {
      const now = clock.elapsed()
      const session: Session = { worker, task: undefined, since: now, heard: now, done: 0, total: 0, prepared: false, gone: false }
      sessions.set(worker.rank, session)
      worker.connection.onMessage(({ body, bytes }) => receive(session, body, bytes))
      void worker.lost.then((reason) => lose(session, reason))
    },
    folds: async (config) => (await entryOf(config).group.promise).folds,
    metrics: async (config, fold) => {
      const entry = entryOf(config)
      await entry.group.promise
      return book.answerOf(entry, fold)
    },
    model: (config) => (best?.entry.key === keyOf(config) ? best.model : undefined),
    progress,
    most: () => plans.length + queue.length + atWork().length,
    isIdle: (rank) => sessions.get(rank)?.task === undefined,
    [Symbol.dispose]() {
      over = true
      timer.stop()
      // There is nothing to save: what they do is done again.
      for (const { worker, task } of sessions.values()) if (task) worker.kill('nobody waits for what it does')
    },
  }
}

const badly = fail('PROTOCOL', 'its answer is not about what it was asked').message

/** One configuration of which a worker dies when it only looks at it must not take the others with it. */
function halved({ entries }: Planning): Planning[] {
  const middle = Math.ceil(entries.length / 2)
  const parts = [entries.slice(0, middle), entries.slice(middle)].filter((part) => part.length > 0)
  return parts.map((part) => ({ kind: 'plan', entries: part, losses: 0 }))
}
