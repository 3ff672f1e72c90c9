import { fail, messageOf, TuttiError } from '../../core/errors.ts'
import { findStudy, type ImportanceMethod, importance, readStudy, type StudyRecord, type TrialState } from '../../hpo/index.ts'
import { replay, writeOutput } from '../../run/index.ts'
import { openStore, type RunRecord, type Store } from '../../store/index.ts'
import { command, type Input } from '../command.ts'
import type { Context } from '../context.ts'
import type { Look } from '../display/runs.ts'
import { type Listed, studyListText, studyShowText } from '../display/studies.ts'
import { studyJson, trialsCsv } from '../display/studyExport.ts'
import { bestJson, bestTrial, byValue, detailsJson, frontOf, isoTime, summaryJson, trialJson } from '../display/studyFacts.ts'
import { trialStates } from '../display/studyWords.ts'
import { bestText, importanceText, replayText, trialsText } from '../display/trials.ts'
import { exit } from '../exit.ts'
import { jsonOption, readStore, storeFlag, storeOption, storePath } from '../settings.ts'

const studiesOptions = {
  store: storeOption,
  json: jsonOption,
  limit: { type: 'whole', value: 'N', summary: 'list: the newest so many (default 30); trials: so many (default 100)' },
  state: { type: 'text', value: 'STATE', summary: 'trials: only those in this state: finished, pruned, failed, ...' },
  sort: { type: 'text', value: 'BY', summary: 'trials: by number (default, the newest so many) or value (the best so many)' },
  method: { type: 'text', value: 'METHOD', summary: 'importance: fanova (default) or permutation' },
  objective: { type: 'text', value: 'METRIC', summary: 'importance: for this objective (default the first)' },
  pairs: { type: 'flag', summary: 'importance: by fanova also of dimensions two by two' },
  format: { type: 'text', value: 'FORMAT', summary: 'export: csv (a line a trial, default) or json (all there is)' },
  to: { type: 'text', value: 'FILE', summary: 'export: write to a file' },
} as const

type StudiesInput = Input<typeof studiesOptions>

export const studies = command({
  name: 'studies',
  summary: 'List, show, explain, replay, export and delete studies',
  usage: [
    'studies list [options]',
    'studies show STUDY',
    'studies best STUDY',
    'studies trials STUDY [--state STATE] [--sort value]',
    'studies importance STUDY [--method fanova|permutation]',
    'studies replay STUDY',
    'studies export STUDY --format csv|json',
    'studies delete STUDY ...',
  ],
  details: "STUDY is a study's name, the first letters of it, or 'last' for the newest.",
  options: studiesOptions,
  positionals: ['ACTION?', 'STUDY?...'],
  async run(input, context) {
    const [action = 'list', ...references] = input.positionals
    const act = Object.hasOwn(actions, action) ? actions[action as keyof typeof actions] : undefined
    if (!act)
      throw fail(
        'CLI_COMMAND',
        `studies ${action}`,
        Object.keys(actions).map((name) => `studies ${name}`),
      )
    const [least, most] = act.takes
    if (references.length < least) throw fail('CLI_MISSING', `studies ${action}`, 'a study', `tutti ${act.usage}`)
    if (references.length > most) throw fail('CLI_EXTRA', `studies ${action}`, references[most] as string, `tutti ${act.usage}`)
    return (await act.run(references, input, context)) ?? exit.ok
  },
})

interface Action {
  readonly usage: string
  /** Least and most studies. */
  readonly takes: readonly [number, number]
  /** An exit code other than 0, if so. */
  run(references: readonly string[], input: StudiesInput, context: Context): Promise<number | undefined>
}

const many = Number.POSITIVE_INFINITY

const actions = {
  list: {
    usage: 'studies list [options]',
    takes: [0, 0],
    async run(_, { options }, context) {
      await using store = await readStore(options.store, context)
      const found = await listed(store, options.limit ?? 30)
      if (options.json) print(context, found.map(listJson))
      else context.terminal.out(studyListText(found, lookOf(context)))
      return undefined
    },
  },
  show: {
    usage: 'studies show STUDY',
    takes: [1, 1],
    async run(references, { options }, context) {
      await using store = await readStore(options.store, context)
      const study = await readStudy(store, references[0] as string)
      const told = { ...lookOf(context), program: context.program, storeFlag: storeFlag(store.location, context) }
      if (options.json) print(context, detailsJson(study))
      else context.terminal.out(studyShowText(study, told))
      return undefined
    },
  },
  best: {
    usage: 'studies best STUDY',
    takes: [1, 1],
    async run(references, { options }, context) {
      await using store = await readStore(options.store, context)
      const study = await readStudy(store, references[0] as string)
      const told = { ...lookOf(context), program: context.program, storeFlag: storeFlag(store.location, context) }
      const several = study.objectives.length > 1
      const [best] = several ? [] : [bestTrial(study)]
      if (options.json) print(context, several ? frontOf(study).map(bestJson) : best ? bestJson(best) : null)
      else context.terminal.out(bestText(study, told))
      return undefined
    },
  },
  trials: {
    usage: 'studies trials STUDY [--state STATE] [--sort value]',
    takes: [1, 1],
    async run(references, { options }, context) {
      const state = options.state === undefined ? undefined : oneOf<TrialState>('--state', options.state, trialStates)
      const sort = oneOf('--sort', options.sort ?? 'number', ['number', 'value'])
      const study = await read(references, options.store, context)
      const all = study.trials.filter((trial) => state === undefined || trial.state === state)
      const limit = options.limit ?? (options.json ? all.length : 100)
      const some = sort === 'value' ? byValue(all, study.objectives).slice(0, limit) : all.slice(Math.max(0, all.length - limit))
      const { now } = lookOf(context)
      if (options.json)
        print(
          context,
          some.map((trial) => trialJson(trial, study, now)),
        )
      else context.terminal.out(trialsText(some, study, { ...lookOf(context), of: all.length }))
      return undefined
    },
  },
  importance: {
    usage: 'studies importance STUDY [--method fanova|permutation]',
    takes: [1, 1],
    async run(references, { options }, context) {
      const method = oneOf<ImportanceMethod>('--method', options.method ?? 'fanova', ['fanova', 'permutation'])
      const study = await read(references, options.store, context)
      const metrics = study.objectives.map(({ metric }) => metric)
      const metric = oneOf('--objective', options.objective ?? (metrics[0] as string), metrics)
      const rows = importance(study, { method, objective: metrics.indexOf(metric), seed: 0, pairs: options.pairs })
      if (options.json) print(context, { study: study.id, method, objective: metric, importance: rows })
      else context.terminal.out(importanceText(rows, { ...lookOf(context), method, metric }))
      return undefined
    },
  },
  replay: {
    usage: 'studies replay STUDY',
    takes: [1, 1],
    async run(references, { options }, context) {
      await using store = await readStore(options.store, context)
      const found = await replay(store, references[0] as string)
      if (options.json) print(context, found)
      else context.terminal.out(replayText(found))
      return found.differences.length === 0 ? exit.ok : exit.failed
    },
  },
  export: {
    usage: 'studies export STUDY --format csv|json',
    takes: [1, 1],
    async run(references, { options }, context) {
      const format = oneOf('--format', options.format ?? 'csv', ['csv', 'json'])
      const study = await read(references, options.store, context)
      const text = format === 'csv' ? trialsCsv(study, context.clock.now()) : studyJson(study)
      if (options.to === undefined) context.terminal.out(text)
      else await writeOutput(options.to, text)
      return undefined
    },
  },
  delete: {
    usage: 'studies delete STUDY ...',
    takes: [1, many],
    async run(references, { options }, context) {
      await using store = await openStore({ path: storePath(options.store, context), clock: context.clock })
      // All are looked up before the first goes: a misspelt one deletes nothing, and 'last' is the last of now.
      const ids = await Promise.all(references.map(async (reference) => (await findStudy(store, reference)).id))
      for (const id of new Set(ids)) {
        await store.deleteRun(id)
        context.terminal.out(`deleted ${id}\n`)
      }
      return undefined
    },
  },
} as const satisfies Record<string, Action>

async function read(references: readonly string[], path: string | undefined, context: Context): Promise<StudyRecord> {
  await using store = await readStore(path, context)
  return await readStudy(store, references[0] as string)
}

/** The newest so many. One that cannot be read does not hide the others. */
async function listed(store: Store, limit: number): Promise<Listed[]> {
  const runs = (await Promise.all(['study', 'ablation'].map((mode) => store.runs({ mode, limit })))).flat()
  const newest = runs.sort((a, b) => b.created - a.created).slice(0, limit)
  const found: Listed[] = []
  for (const run of newest) found.push(await readOrTell(store, run))
  return found
}

async function readOrTell(store: Store, { id, name, mode, created }: RunRecord): Promise<Listed> {
  try {
    return await readStudy(store, id)
  } catch (error) {
    if (!(error instanceof TuttiError)) throw error
    return { id, name, mode, created, problem: messageOf(error) }
  }
}

function listJson(study: Listed) {
  if (!('problem' in study)) return summaryJson(study)
  const { id, name, mode, created, problem } = study
  return { study: id, name, mode, created: isoTime(created), problem }
}

/** @throws CLI_VALUE */
function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((each) => each === text)
  if (found === undefined) throw fail('CLI_VALUE', flag, text, known.join(' or '))
  return found
}

function print({ terminal }: Context, value: unknown): void {
  terminal.out(`${JSON.stringify(value)}\n`)
}

function lookOf({ terminal, clock }: Context): Look {
  return { columns: terminal.columns, color: terminal.outColor, now: clock.now() }
}
