import { fail } from '../../core/errors.ts'
import { writeOutput } from '../../run/index.ts'
import { compareRuns, exportRuns, openStore, type RunStatus, type Store } from '../../store/index.ts'
import { command, type Input } from '../command.ts'
import type { Context } from '../context.ts'
import { comparisonText, type Look, listText, type RunDetails, runJson, showText } from '../display/runs.ts'
import { exit } from '../exit.ts'
import { jsonOption, readStore, storeOption, storePath } from '../settings.ts'

const runsOptions = {
  store: storeOption,
  json: jsonOption,
  status: { type: 'text', value: 'STATUS', summary: 'list: only finished, failed, interrupted, running or lost ones' },
  name: { type: 'text', value: 'NAME', summary: 'list: only runs of this training' },
  limit: { type: 'whole', value: 'N', summary: 'list: the newest so many (default 30)' },
  format: { type: 'text', value: 'FORMAT', summary: 'export: csv (metrics over time, default) or json (all there is)' },
  to: { type: 'text', value: 'FILE', summary: 'export: write to a file' },
} as const

type RunsInput = Input<typeof runsOptions>

export const runs = command({
  name: 'runs',
  summary: 'List, show, compare, export and delete runs',
  usage: [
    'runs list [options]',
    'runs show RUN',
    'runs compare RUN RUN ...',
    'runs export [RUN ...] --format csv|json',
    'runs delete RUN ...',
  ],
  details: "RUN is a run's id, the first letters of it, or 'last' for the newest.",
  options: runsOptions,
  positionals: ['ACTION?', 'RUN?...'],
  async run(input, context) {
    const [action = 'list', ...references] = input.positionals
    const act = Object.hasOwn(actions, action) ? actions[action as keyof typeof actions] : undefined
    if (!act)
      throw fail(
        'CLI_COMMAND',
        `runs ${action}`,
        Object.keys(actions).map((name) => `runs ${name}`),
      )
    const [least, most] = act.takes
    if (references.length < least)
      throw fail('CLI_MISSING', `runs ${action}`, least === 1 ? 'a run' : `${least} runs`, `tutti ${act.usage}`)
    if (references.length > most) throw fail('CLI_EXTRA', `runs ${action}`, references[most] as string, `tutti ${act.usage}`)
    await act.run(references, input, context)
    return exit.ok
  },
})

interface Action {
  readonly usage: string
  /** Least and most runs. */
  readonly takes: readonly [number, number]
  run(references: readonly string[], input: RunsInput, context: Context): Promise<void>
}

const many = Number.POSITIVE_INFINITY

const actions = {
  list: {
    usage: 'runs list [options]',
    takes: [0, 0],
    async run(_, { options }, context) {
      await using store = await readStore(options.store, context)
      const found = await store.runs({
        ...(options.status !== undefined && { status: statusOf(options.status) }),
        ...(options.name !== undefined && { name: options.name }),
        limit: options.limit ?? 30,
      })
      const { terminal } = context
      if (options.json) terminal.out(`${JSON.stringify(found.map(runJson))}\n`)
      else terminal.out(listText(found, lookOf(context)))
    },
  },
  show: {
    usage: 'runs show RUN',
    takes: [1, 1],
    async run([reference], { options }, context) {
      await using store = await readStore(options.store, context)
      const details = await detailsOf(store, reference as string)
      const { terminal } = context
      if (options.json) terminal.out(await exportRuns(store, [details.run.id], 'json'))
      else terminal.out(showText(details, lookOf(context)))
    },
  },
  compare: {
    usage: 'runs compare RUN RUN ...',
    takes: [2, many],
    async run(references, { options }, context) {
      await using store = await readStore(options.store, context)
      const comparison = await compareRuns(store, references)
      const { terminal } = context
      if (options.json) terminal.out(`${JSON.stringify({ ...comparison, runs: comparison.runs.map(runJson) })}\n`)
      else terminal.out(comparisonText(comparison, lookOf(context)))
    },
  },
  export: {
    usage: 'runs export [RUN ...] --format csv|json',
    takes: [0, many],
    async run(references, { options }, context) {
      const format = options.format ?? 'csv'
      if (format !== 'csv' && format !== 'json') throw fail('CLI_VALUE', '--format', format, 'csv or json')
      await using store = await readStore(options.store, context)
      const all = references.length > 0 ? references : (await store.runs()).map(({ id }) => id)
      const text = await exportRuns(store, all, format)
      if (options.to === undefined) context.terminal.out(text)
      else await writeOutput(options.to, text)
    },
  },
  delete: {
    usage: 'runs delete RUN ...',
    takes: [1, many],
    async run(references, { options }, context) {
      await using store = await openStore({ path: storePath(options.store, context), clock: context.clock })
      // All are looked up before the first goes: a misspelt one deletes nothing, and 'last' is the last of now.
      const ids = await Promise.all(references.map(async (reference) => (await store.run(reference)).id))
      for (const id of new Set(ids)) {
        await store.deleteRun(id)
        context.terminal.out(`deleted ${id}\n`)
      }
    },
  },
} as const satisfies Record<string, Action>

const statuses: readonly RunStatus[] = ['running', 'finished', 'failed', 'interrupted', 'lost']

function statusOf(text: string): RunStatus {
  const found = statuses.find((status) => status === text)
  if (!found) throw fail('CLI_VALUE', '--status', text, statuses.join(', '))
  return found
}

function lookOf({ terminal, clock }: Context): Look {
  return { columns: terminal.columns, color: terminal.outColor, now: clock.now() }
}

async function detailsOf(store: Store, reference: string): Promise<RunDetails> {
  const run = await store.run(reference)
  const [points, logs, artifacts] = await Promise.all([store.metrics(run.id), store.logs(run.id), store.artifacts(run.id)])
  return { run, points, logs, artifacts }
}
