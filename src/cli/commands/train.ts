import { resolve } from 'node:path'
import type { Terminal } from '../../core/console.ts'
import { fail, messageOf, TuttiError } from '../../core/errors.ts'
import { setDataDir, setProgress } from '../../data/index.ts'
import { runtimes } from '../../graph/index.ts'
import { loadTraining, modes, nobody, type RunResult, type RunStart, type Watcher } from '../../run/index.ts'
import { openStore, type Store } from '../../store/index.ts'
import { splitters } from '../../train/index.ts'
import { command, type Input } from '../command.ts'
import { readConfig, withConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { downloadDisplay } from '../display/download.ts'
import { jsonOf, resultText } from '../display/result.ts'
import { type TrainingDisplay, trainingDisplay } from '../display/training.ts'
import { exit, exitCodeOf } from '../exit.ts'
import { cvOf, dataDirFlag, dataDirOption, storeFlag, storeOption, storePath, threadsOption } from '../settings.ts'
import { stopper } from '../stop.ts'
import { tell } from '../tell.ts'

const trainOptions = {
  set: { type: 'settings', summary: 'Replace a key of the config; may come again' },
  seed: { type: 'whole', least: 0, summary: 'Seed of all chance (default 0)' },
  cv: { type: 'text', value: 'FOLDS', summary: 'Cross-validate: a number of folds, a splitter, or its JSON; keeps no model' },
  threads: threadsOption,
  dataDir: dataDirOption,
  store: storeOption,
  resume: { type: 'text', value: 'RUN', summary: "Go on with a run where it stopped; 'last' is the newest" },
  quiet: { type: 'flag', summary: 'Show no progress' },
  json: { type: 'flag', summary: 'End with the result as one line of JSON; progress goes to stderr' },
} as const

export const train = command({
  name: 'train',
  summary: 'Run the training function of a file',
  usage: ['train FILE [--set KEY=VALUE ...] [options]', 'train [FILE] --resume RUN [options]'],
  details: `Ctrl-C keeps a checkpoint and ends the run as interrupted; a second one ends it at once.
A resumed run goes on with the file, config and seed it began with, and gives the
numbers it would have given without the interruption, to the last bit.

--cv 5 trains once a fold on the training data, with labels in equal shares, and tells mean
and standard deviation of each metric; the test data is left alone. Splitters:
${Object.keys(splitters).join(', ')}.
With options, as JSON: --cv '{"kind":"kFold","folds":10,"shuffle":true}'.`,
  options: trainOptions,
  positionals: ['FILE?'],
  async run(input, context) {
    const started = context.clock.elapsed()
    try {
      return await runTrain(input, context)
    } catch (error) {
      tell(error, context)
      if (input.options.json) {
        const seconds = (context.clock.elapsed() - started) / 1000
        const shown = { ...(error instanceof TuttiError && { code: error.code }), message: messageOf(error) }
        context.terminal.out(`${jsonOf({ run: null, status: 'failed', metrics: {}, seconds, error: shown })}\n`)
      }
      return exitCodeOf(error)
    }
  },
})

async function runTrain({ options: given, positionals }: Input<typeof trainOptions>, context: Context): Promise<number> {
  const { terminal, clock, host, program } = context
  const options = withConfig(given, await readConfig(positionals[0]))
  const { set: settings, seed, threads, resume, json, quiet } = options
  const cv = options.cv === undefined ? undefined : cvOf(options.cv)
  setDataDir(options.dataDir)
  setProgress(quiet ? undefined : downloadDisplay(terminal, clock))
  // First the file, where one is named: a misspelt one leaves no empty store behind.
  const loaded = positionals[0] === undefined ? undefined : await loadTraining(positionals[0])
  if (loaded === undefined && resume === undefined) throw fail('CLI_MISSING', 'train', 'a training FILE', `tutti ${train.usage[0]}`)
  await using store = await openStore({ path: storePath(options.store, context), clock })
  const file = positionals[0] ?? (await fileOfRun(store, resume as string))
  const training = loaded ?? (await loadTraining(file))

  const display = quiet ? silent(terminal) : trainingDisplay(terminal, clock)
  let start: RunStart | undefined
  const watcher: Watcher = {
    ...display,
    begin(run) {
      start = run
      display.begin(run)
    },
  }
  using stop = stopper(host, clock, () => display.say('Stopping after this step, with a checkpoint. Ctrl-C again ends at once.'))
  const job = {
    training,
    file: resolve(file),
    settings,
    ...(threads !== undefined && { threads }),
    ...(seed !== undefined && { seed }),
    ...(cv !== undefined && { cv }),
    ...(resume !== undefined && { resume }),
  }
  const surroundings = { store, runtime: runtimes.onnxruntime(), clock, signal: stop.signal, watcher }
  let result: RunResult
  try {
    result = await modes.single().run(job, surroundings)
  } finally {
    display.close()
  }

  if (result.status === 'failed') tell(result.cause, context)
  if (json) terminal.out(`${jsonOf(result)}\n`)
  else if (start)
    terminal.out(
      resultText(result, start, {
        ...{ color: terminal.outColor, program, settings },
        ...{ storeFlag: storeFlag(store.location, context), dataDirFlag: dataDirFlag(given.dataDir) },
      }),
    )
  return result.status === 'finished' ? exit.ok : result.status === 'interrupted' ? stop.exitCode() : exit.failed
}

/** @throws RUN_UNKNOWN, RUN_WITHOUT_FILE */
async function fileOfRun(store: Store, resume: string): Promise<string> {
  const { id, file } = await store.run(resume)
  if (file === undefined) throw fail('RUN_WITHOUT_FILE', id)
  return file
}

/** Shows nothing but what must be heard. */
function silent(terminal: Terminal): TrainingDisplay {
  return { ...nobody, say: (text) => terminal.err(`${text}\n`), close() {} }
}
