/** What the commands that have trials share: `tune` and `ablate`. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, TuttiError } from '../core/errors.ts'
import { setDataDir, setProgress } from '../data/index.ts'
import { readStudy, type StudyRecord } from '../hpo/index.ts'
import { checkOutput, loadTraining, type StudyResult, type StudyStart, type StudySurroundings } from '../run/index.ts'
import { openStore } from '../store/index.ts'
import type { Training } from '../train/index.ts'
import type { Option } from './command.ts'
import type { Context } from './context.ts'
import { downloadDisplay } from './display/download.ts'
import { studyDisplay } from './display/study.ts'
import { studyJsonOf } from './display/studyResult.ts'
import { engineOptions } from './engine.ts'
import { exit, exitCodeOf } from './exit.ts'
import { dataDirOption, storeOption, storePath, threadsOption } from './settings.ts'
import { stopper } from './stop.ts'
import { tell } from './tell.ts'

/** Options of every command that has trials. */
export const trialsOptions = {
  ...engineOptions,
  timeout: { type: 'whole', value: 'S', summary: 'End after so many seconds; what runs keeps a checkpoint' },
  study: { type: 'text', value: 'NAME', summary: 'Name of the study; one that exists is gone on with' },
  memory: { type: 'text', value: 'SIZE', summary: 'What a trial may hold, such as 2GiB; one that exceeds it fails' },
  reportTimeout: { type: 'whole', value: 'S', summary: 'A trial that reports nothing for so long fails' },
  retries: { type: 'whole', value: 'N', least: 0, summary: 'How often a trial whose worker died is tried again (default 3)' },
  retryFailed: { type: 'whole', value: 'N', least: 0, summary: 'How often one that failed by itself is tried again (default 0)' },
  threads: threadsOption,
  dataDir: dataDirOption,
  store: storeOption,
  quiet: { type: 'flag', summary: 'Show no progress' },
  json: { type: 'flag', summary: 'End with the result as one line of JSON; progress goes to stderr' },
} as const satisfies Readonly<Record<string, Option>>

export interface TrialsInput {
  readonly file: string
  readonly store: string | undefined
  readonly dataDir: string | undefined
  readonly quiet: boolean
  readonly json: boolean
  /** A file to write at the end: looked at before anything runs. */
  readonly output?: string | undefined
}

export interface Shown<R> {
  readonly result: R
  readonly start: StudyStart
  readonly record: StudyRecord
  readonly storeAt: string
}

/**
 * Runs something that has trials: shows it as it happens, then its result, and tells how it ended by the exit code. What goes wrong
 * before it begins is told as JSON too, where JSON was asked for.
 */
export async function runTrials<R extends StudyResult>(
  input: TrialsInput,
  context: Context,
  run: (training: Training, file: string, surroundings: StudySurroundings) => Promise<R>,
  text: (shown: Shown<R>) => string,
): Promise<number> {
  const { terminal, clock, host } = context
  const { json, quiet } = input
  const began = clock.elapsed()
  const path = storePath(input.store, context)
  try {
    setDataDir(input.dataDir)
    setProgress(quiet ? undefined : downloadDisplay(terminal, clock))
    const file = resolve(input.file)
    // First the file: a misspelt one leaves no empty store behind.
    const training = await loadTraining(file)
    if (input.output !== undefined) await checkOutput(input.output)
    await using store = await openStore({ path, clock })
    const display = studyDisplay(terminal, clock)
    let start: StudyStart | undefined
    const silent = { begin() {}, ended() {}, output() {}, say: (line: string) => terminal.err(`${line}\n`) }
    const watcher = { ...(quiet ? silent : display) }
    const begin = (started: StudyStart) => {
      start = started
      if (!quiet) display.begin(started)
    }
    const said = () => watcher.say('Stopping: what runs keeps a checkpoint. Ctrl-C again ends at once.')
    using stop = stopper(host, clock, said)
    let result: R
    try {
      result = await run(training, file, { store, clock, signal: stop.signal, cores: host.cores, watcher: { ...watcher, begin } })
    } finally {
      display.close()
    }
    if (result.status === 'failed') tell(result.cause ?? new TuttiError('STUDY_NOTHING', result.error?.message ?? ''), context)
    if (json) terminal.out(`${studyJsonOf(result)}\n`)
    else if (start) terminal.out(text({ result, start, record: await readStudy(store, result.study), storeAt: store.location }))
    return result.status === 'finished' ? exit.ok : result.status === 'interrupted' ? stop.exitCode() : exit.failed
  } catch (error) {
    tell(error, context)
    if (json) {
      const shown = { ...(error instanceof TuttiError && { code: error.code }), message: messageOf(error) }
      terminal.out(`${studyJsonOf({ study: null, status: 'failed', seconds: (clock.elapsed() - began) / 1000, error: shown })}\n`)
    }
    return isUsage(error, resolve(input.file)) ? exit.usage : exitCodeOf(error)
  }
}

/** What the command line asked for is not there, or cannot be: nothing was done. */
function isUsage(error: unknown, file: string): boolean {
  const codes = [
    'UNKNOWN_KIND',
    'UNKNOWN_OPTION',
    'BAD_OPTION',
    'CUSTOM_MODULE',
    'ENQUEUE_OUTSIDE',
    'ENGINE_NEEDS_FILE',
    'ABLATION_UNKNOWN',
    'ABLATION_AMBIGUOUS',
  ]
  if (!(error instanceof TuttiError) || !codes.includes(error.code)) return false
  // The same mistake in the training file is no mistake of the command line.
  const stack = error.stack ?? ''
  return !stack.includes(file) && !stack.includes(pathToFileURL(file).href)
}
