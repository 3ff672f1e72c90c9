/** What a worker of a search that shares its work computes: the metrics of many configurations in one fold. */
import { createHash } from 'node:crypto'
import { bytesOf, sha256 } from '../../core/bytes.ts'
import { version } from '../../core/version.ts'
import type { Table } from '../../data/index.ts'
import { type AnyEstimator, examplesOf, type FitOptions, type Predictor } from '../../estimator/index.ts'
import {
  type Config,
  type CvSpec,
  type DataSplits,
  defaultMetrics,
  foldsOf,
  type MetricSpec,
  type Metrics,
  measure,
  measureOutputs,
  type Training,
  tableOf,
} from '../../train/index.ts'
import { explain } from '../explain.ts'
import { keyOf } from './ahead.ts'
import type { Answer, Failure, FromWorker } from './protocol.ts'

/** What is measured is that of `training`, in the folds of `cv`; without, there is one: data.train and data.test. */
export interface Measured {
  /** Its `data` gives the same object again where nothing that it reads has changed. */
  readonly training: Training
  readonly cv?: CvSpec
}

type Plan = Pick<Extract<FromWorker, { kind: 'planned' }>, 'groups' | 'failed'>

/**
 * Which configurations one fit answers: those that read the same data and whose estimators are equal in all but what their family
 * may differ in. What cannot be told of one fails it alone.
 */
export async function plan({ training, cv }: Measured, configs: readonly Config[]): Promise<Plan> {
  const groups = new Map<string, { members: number[]; keys: string[]; folds: number; hash: string }>()
  const failed: { member: number; error: Failure }[] = []
  const facts = new Map<DataSplits, { folds: number; hash: string }>()
  const reads = new Set<string>()
  /** Of data that cannot be had, it is not tried again for the next configuration that needs the same. */
  const refused = new Map<string, unknown>()
  const made = async (config: Config) => {
    const before = valuesOf(config, reads)
    if (refused.has(before)) throw refused.get(before)
    try {
      return await training.data(noting(config, reads))
    } catch (error) {
      refused.set(valuesOf(config, reads), error)
      throw error
    }
  }
  const place = async (member: number, config: Config) => {
    try {
      const splits = await made(config)
      const about = facts.get(splits) ?? { folds: (await foldsIn(splits, cv)).length, hash: await hashOf(splits) }
      facts.set(splits, about)
      const estimator = estimatorOf(training, config, splits)
      const family = familyOf(estimator)
      const common = JSON.stringify([version, training.name, training.metrics ?? null, cv ?? null, family ?? keyOf(config)])
      const hash = sha256(`${about.hash} ${valuesOf(config, reads)} ${common}`)
      const group = groups.get(hash) ?? { members: [], keys: [], folds: about.folds, hash }
      groups.set(hash, group)
      group.members.push(member)
      group.keys.push(sha256(JSON.stringify(estimator.getParams())))
    } catch (error) {
      failed.push({ member, error: told(error) })
    }
  }
  const [first, ...rest] = configs.keys()
  if (first !== undefined) await place(first, configs[first] as Config)
  // By what data reads, so that each data is loaded once.
  const byData = Map.groupBy(rest, (member) => valuesOf(configs[member] as Config, reads))
  for (const member of [...byData.values()].flat()) await place(member, configs[member] as Config)
  for (const { members, keys } of groups.values()) sortTogether(members, keys)
  return { groups: [...groups.values()], failed }
}

/** In the plan's order. */
function sortTogether(members: number[], keys: string[]): void {
  const pairs = members.map((member, i) => [member, keys[i] as string] as const).sort(([a], [b]) => a - b)
  for (const [i, [member, key]] of pairs.entries()) [members[i], keys[i]] = [member, key]
}

/** A config that notes which of its keys are read. */
function noting(config: Config, reads: Set<string>): Config {
  return new Proxy(config, {
    get(target, key) {
      if (typeof key === 'string') reads.add(key)
      return Reflect.get(target, key)
    },
  })
}

function valuesOf(config: Config, keys: ReadonlySet<string>): string {
  return JSON.stringify([...keys].sort().map((key) => [key, config[key] ?? null]))
}

export type Unit = Pick<FitOptions, 'threads' | 'signal' | 'onProgress'> & { readonly fold: number; readonly seed: number }

export interface UnitAnswer {
  readonly answers: Answer[]
  /** What the member learned; fitted where it had none of its own. Undefined of one that failed. */
  learned(member: number): Promise<Predictor | undefined>
}

/**
 * The metrics of each configuration in a fold, as a run of its own would measure them: of a family from one fit, of all others, and
 * where the one fit failed, from a fit each. A configuration that throws has its error for an answer.
 */
export async function measureUnit(measured: Measured, configs: readonly Config[], unit: Unit): Promise<UnitAnswer> {
  const { training, cv } = measured
  const answers: Answer[] = Array.from({ length: configs.length })
  const learned: (() => Promise<Predictor>)[] = []
  const { fold, ...options } = unit
  const families = new Map<string, { splits: DataSplits; members: { index: number; estimator: AnyEstimator }[] }>()
  const known = new Map<DataSplits, number>()
  for (const [index, config] of configs.entries()) {
    try {
      const splits = (await foldsIn(await training.data(config), cv))[fold] as DataSplits
      if (!known.has(splits)) known.set(splits, known.size)
      const estimator = estimatorOf(training, config, splits)
      const key = `${known.get(splits)} ${familyOf(estimator) ?? `alone ${index}`}`
      const family = families.get(key) ?? { splits, members: [] }
      family.members.push({ index, estimator })
      families.set(key, family)
    } catch (error) {
      answers[index] = { error: told(error) }
    }
  }
  for (const { splits, members } of families.values()) {
    const train = await tableOf(splits.train, 'Sharing work')
    const test = splits.test && (await tableOf(splits.test, 'Measuring'))
    if (members.length > 1 && (await together(train, test, members))) continue
    for (const { index, estimator } of members) {
      try {
        const predictor = await estimator.fit(train, options)
        answers[index] = { metrics: test ? measure(predictor, test, training.metrics) : {} }
        learned[index] = async () => predictor
      } catch (error) {
        options.signal?.throwIfAborted()
        answers[index] = { error: told(error) }
      }
    }
  }
  return { answers, learned: async (member) => learned[member]?.() }

  /** Whether one fit answered them all. */
  async function together(
    train: Table,
    test: Table | undefined,
    members: readonly { index: number; estimator: AnyEstimator }[],
  ): Promise<boolean> {
    // Of equal ones one is enough.
    const distinct = [...Map.groupBy(members, ({ estimator }) => JSON.stringify(estimator.getParams())).values()]
    const { estimator } = members[0] as { estimator: AnyEstimator }
    try {
      const family = await (estimator.family as NonNullable<typeof estimator.family>).fit(
        train,
        distinct.map(([first]) => (first as (typeof members)[number]).estimator.getParams()),
        options,
      )
      const found: Metrics[] = []
      if (test) {
        const { y, rows } = examplesOf(test)
        // What has no rows or no target is refused in the words of those that are measured alone.
        if (y === undefined || rows === 0) return false
        const metrics: readonly MetricSpec[] = training.metrics ?? defaultMetrics(estimator.task, examplesOf(test))
        const { width } = family.member(0)
        for (const outputs of family.outputs(test)) found.push(measureOutputs({ task: estimator.task, outputs, width, y }, metrics))
        if (found.length !== distinct.length) return false
      }
      for (const [i, same] of distinct.entries()) {
        for (const { index } of same) {
          answers[index] = { metrics: found[i] ?? {} }
          learned[index] = async () => family.member(i)
        }
      }
      return true
    } catch {
      options.signal?.throwIfAborted()
      return false
    }
  }
}

function estimatorOf({ estimator }: Training, config: Config, splits: DataSplits): AnyEstimator {
  return (estimator as NonNullable<typeof estimator>)(config, splits)
}

/** What members of one family have in common; undefined where it has none. */
function familyOf(estimator: AnyEstimator): string | undefined {
  const { family, name } = estimator
  if (!family) return undefined
  const common = Object.entries(estimator.getParams()).filter(([param]) => !family.axes.includes(param as never))
  return JSON.stringify([name, ...common.sort(([a], [b]) => (a < b ? -1 : 1))])
}

const cuts = new WeakMap<DataSplits, { readonly key: string; readonly folds: readonly DataSplits[] }>()

/** The folds of data, the same tables as long as the data is the same: estimators keep with them what they prepare. */
async function foldsIn(splits: DataSplits, cv: CvSpec | undefined): Promise<readonly DataSplits[]> {
  const key = JSON.stringify(cv ?? null)
  const known = cuts.get(splits)
  if (known?.key === key) return known.folds
  const folds = cv === undefined ? [splits] : await cutIn(splits, cv)
  cuts.set(splits, { key, folds })
  return folds
}

async function cutIn(splits: DataSplits, cv: CvSpec): Promise<DataSplits[]> {
  const table = await tableOf(splits.train, 'Cross-validation')
  return foldsOf(table, { cv }).map(({ train, test }) => ({ ...splits, train: table.take(train), test: table.take(test) }))
}

/** Of all that is learned from and measured on. */
async function hashOf({ train, test }: DataSplits): Promise<string> {
  const hash = createHash('sha256')
  for (const data of [train, ...(test ? [test] : [])]) {
    const { name, length, inputs, target, columns } = await tableOf(data, 'Sharing work')
    hash.update(JSON.stringify([name, length, inputs, target ?? null]))
    for (const [key, column] of Object.entries(columns)) {
      const { data: numbers, ...about } = column
      hash.update(JSON.stringify([key, about])).update(bytesOf(numbers as Float32Array))
    }
  }
  return hash.digest('hex')
}

const longest = 10_000

function told(error: unknown): Failure {
  const { code, message } = explain(error)
  return { message: message.slice(0, longest), ...(code !== undefined && { code }) }
}
