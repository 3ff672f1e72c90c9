/** The book of a search that shares its work: which configurations belong together, what is still to be measured, what was answered. */
import { TuttiError } from '../../core/errors.ts'
import type { Config, Metrics } from '../../train/index.ts'
import { keyOf } from './ahead.ts'
import type { Memory } from './kept.ts'
import type { Answer, FromWorker } from './protocol.ts'

/** Configurations that one fit answers. */
export interface Group {
  readonly number: number
  readonly hash: string
  readonly folds: number
  readonly members: readonly Entry[]
  /** Folds that are answered. */
  done: number
  /** Whether any fold was given to a worker, and the milliseconds that one took, once that is known. */
  begun: boolean
  took: number | undefined
}

export interface Entry {
  /** In which it will be asked for. */
  readonly order: number
  readonly config: Config
  readonly key: string
  /** Of its estimator's parameters; known when it is planned. */
  params: string
  readonly group: PromiseWithResolvers<Group>
  readonly answers: PromiseWithResolvers<Metrics>[]
}

/** A fold of a group. */
export interface Unit {
  readonly kind: 'unit'
  readonly group: Group
  readonly fold: number
  readonly members: readonly Entry[]
  /** How many workers died of it. */
  losses: number
}

/** Finding out which configurations belong together. */
export interface Planning {
  readonly kind: 'plan'
  readonly entries: readonly Entry[]
  losses: number
}

type Planned = Extract<FromWorker, { kind: 'planned' }>

export interface Book {
  readonly groups: readonly Group[]
  /** Units there are in all. */
  readonly units: number
  /** A configuration; one that was not foreseen is planned for by itself, with all that come after. */
  need(config: Config): { readonly entry: Entry; readonly fresh: Planning | undefined }
  /** What the next configurations are. */
  look(asked?: Config): Planning | undefined
  /** What is to be measured, without what is known already. */
  planned(planning: Planning, message: Planned): Unit[]
  answered(unit: Unit, answers: readonly Answer[]): void
  /** Nobody can do it. */
  lost(work: Unit | Planning, error: Error): void
  answerOf(entry: Entry, fold: number): Promise<Metrics>
}

/** @param window how many configurations are looked ahead at a time. */
export function createBook(ahead: (count: number) => readonly Config[], memory: Memory, window: number): Book {
  const entries = new Map<string, Entry>()
  const groups: Group[] = []
  let units = 0

  const add = (config: Config): Entry => {
    const entry: Entry = { order: entries.size, config, key: keyOf(config), params: '', group: quiet(), answers: [] }
    entries.set(entry.key, entry)
    return entry
  }
  const look = (asked?: Config): Planning | undefined => {
    const fresh: Entry[] = []
    for (const config of asked ? [asked, ...ahead(window)] : ahead(window)) if (!entries.has(keyOf(config))) fresh.push(add(config))
    return fresh.length > 0 ? { kind: 'plan', entries: fresh, losses: 0 } : undefined
  }
  const answer = (entry: Entry, fold: number): PromiseWithResolvers<Metrics> => (entry.answers[fold] ??= quiet())

  return {
    groups,
    get units() {
      return units
    },
    need(config) {
      const known = entries.get(keyOf(config))
      if (known) return { entry: known, fresh: undefined }
      const fresh = look(config)
      return { entry: entries.get(keyOf(config)) as Entry, fresh }
    },
    look,
    planned({ entries }, { groups: found, failed }) {
      for (const { member, error } of failed) entries[member]?.group.reject(toError(error))
      const made: Unit[] = []
      for (const { members, keys, folds, hash } of found) {
        const group: Group = {
          ...{ number: groups.length, hash, folds, done: 0, begun: false, took: undefined },
          members: members.map((member) => entries[member] as Entry),
        }
        groups.push(group)
        for (const [i, entry] of group.members.entries()) entry.params = keys[i] as string
        for (let fold = 0; fold < folds; fold++) {
          units++
          const left = group.members.filter((entry) => {
            const known = memory.recall(hash, fold, entry.params)
            if (known) answer(entry, fold).resolve(known)
            return known === undefined
          })
          if (left.length > 0) made.push({ kind: 'unit', group, fold, members: left, losses: 0 })
          else group.done++
        }
        for (const entry of group.members) entry.group.resolve(group)
      }
      return made
    },
    answered({ group, fold, members }, answers) {
      const known: [string, Metrics][] = []
      for (const [i, given] of answers.entries()) {
        const entry = members[i] as Entry
        if ('metrics' in given) {
          known.push([entry.params, given.metrics])
          answer(entry, fold).resolve(given.metrics)
        } else answer(entry, fold).reject(toError(given.error))
      }
      group.done++
      // What a single one found stands in its trial.
      if (group.members.length > 1) memory.keep(group.hash, fold, known)
    },
    lost(work, error) {
      if (work.kind === 'plan') for (const entry of work.entries) entry.group.reject(error)
      else {
        work.group.done++
        for (const entry of work.members) answer(entry, work.fold).reject(error)
      }
    },
    answerOf: (entry, fold) => answer(entry, fold).promise,
  }
}

/** Each member is once in a group, or has failed. */
export function fits({ groups, failed }: Planned, count: number): boolean {
  const members = [...groups.flatMap(({ members }) => members), ...failed.map(({ member }) => member)]
  const whole = members.length === count && new Set(members).size === count && members.every((member) => member < count)
  return whole && groups.every(({ members, keys }) => members.length === keys.length)
}

/** A failure that nobody waits for yet is none of the process. */
function quiet<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>()
  made.promise.catch(() => undefined)
  return made
}

function toError({ code, message }: { code?: string | undefined; message: string }): Error {
  return code === undefined ? new Error(message) : new TuttiError(code as never, message)
}
