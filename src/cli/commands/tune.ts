import { fail } from '../../core/errors.ts'
import { modes } from '../../run/index.ts'
import { command } from '../command.ts'
import { readConfig, withConfig } from '../config.ts'
import { studyResultText } from '../display/studyResult.ts'
import { engineText, takeEngine } from '../engine.ts'
import { runScaling } from '../scaling.ts'
import { cvOf, dataDirFlag, given, sizeOf, storeFlag } from '../settings.ts'
import { runTrials, trialsOptions } from '../trials.ts'

export const tune = command({
  name: 'tune',
  summary: 'Run the training function of a file many times, to find the best config',
  usage: ['tune FILE [options]', 'tune FILE --study NAME [options]'],
  details: `What may be chosen is the training's own: training({ ..., space: { learningRate:
space.logUniform(1e-4, 1) } }). A sampler or pruner is a name, its JSON form such as
'{"kind":"tpe","startup":5}', or a module of your own such as ./mySampler.ts.

--cv 5 measures every trial by cross-validation: its metrics are means over the folds.

Where one fit answers many configs (the trees of a forest of 200 are those of one of 50, too), and the
sampler is grid, random or sobol, trials without a pruner share their work, and find the same.
--scaling 1,2,3 runs the search with so many workers, with and without that, and compares the times.

A study is never lost: the same command with --study NAME goes on where it stopped, also
after its process was killed. Ctrl-C keeps checkpoints of what runs; a second one ends at once.`,
  options: {
    sampler: { type: 'text', value: 'S', summary: 'Chooses configs: tpe (default), random, grid, sobol, gp, cmaes, evolution, nsga2' },
    pruner: {
      type: 'text',
      value: 'P',
      summary: 'Ends trials early: median (default; none for grids, estimators and --cv), asha, hyperband, pbt, ...',
    },
    cv: { type: 'text', value: 'FOLDS', summary: 'Cross-validate every trial: a number of folds, a splitter, or its JSON' },
    noShare: { type: 'flag', summary: 'Run each trial by itself, also where they could share their work' },
    scaling: { type: 'text', value: 'W,W,...', summary: 'Run the search with these numbers of workers, and compare' },
    html: { type: 'text', value: 'FILE', summary: 'Where the page of --scaling goes (default: in the store)' },
    trials: { type: 'whole', value: 'N', summary: 'How many trials in all (default 50; of a grid, all)' },
    seed: { type: 'whole', least: 0, summary: 'Seed of all chance (default 0)' },
    set: { type: 'settings', summary: 'Fix a key of the config, which is then not searched; may come again' },
    enqueue: { type: 'text', value: 'JSON', summary: 'A config to try first, or a list of them: \'{"learningRate":0.1}\'' },
    warmStart: { type: 'text', value: 'STUDY', summary: 'Tell the sampler what an older study found' },
    ...trialsOptions,
  },
  positionals: ['FILE'],
  async run({ options, positionals }, context) {
    const config = await readConfig(positionals[0])
    const {
      store,
      dataDir,
      quiet,
      json,
      set: settings,
      enqueue,
      memory,
      sampler,
      pruner,
      cv: folds,
      noShare,
      scaling: counts,
      html,
      help: _,
      debug: __,
      ...others
    } = withConfig(options as typeof options & { help: boolean; debug: boolean }, config)
    const { chosen, rest } = takeEngine(others, config)
    const { terminal, program } = context
    const cv = folds === undefined ? undefined : cvOf(folds)
    const job = given({
      ...{ ...rest, ...chosen, ...meant(sampler, pruner), cv, dataDir, share: noShare ? false : undefined },
      ...{ memory: sizeOf('--memory', memory), enqueue: pointsOf(enqueue) },
    })
    const input = { file: positionals[0] as string, store, dataDir, quiet, json }
    if (counts !== undefined)
      return runScaling(input, context, { ...job, settings }, workersOf(counts, options.workers), html, dataDirFlag(options.dataDir))
    if (html !== undefined)
      throw fail('CLI_VALUE', '--html', html, "left out: it says where the page of --scaling goes. Of a study, 'tutti report' makes one")
    return runTrials(
      input,
      context,
      (training, file, surroundings) => modes.study().run({ training, file, settings, ...job }, surroundings),
      ({ result, start, record, storeAt }) =>
        studyResultText(result, start, {
          ...{ color: terminal.outColor, columns: terminal.columns, program, settings, record },
          ...{ engine: engineText(options), storeFlag: storeFlag(storeAt, context), dataDirFlag: dataDirFlag(options.dataDir) },
        }),
    )
  },
})

/** `--sampler asha` means what it must: random points, of which asha lets the good ones go on. */
function meant(sampler: string | undefined, pruner: string | undefined) {
  const multiFidelity = ['asha', 'hyperband', 'pbt']
  if (sampler === undefined || !multiFidelity.includes(sampler)) return { sampler, pruner }
  if (pruner !== undefined && pruner !== sampler) throw fail('CLI_VALUE', '--pruner', pruner, `left out: '${sampler}' ends trials itself`)
  return { sampler: 'random', pruner: sampler }
}

/** @throws CLI_VALUE */
function workersOf(text: string, workers: string | undefined): number[] {
  if (workers !== undefined) throw fail('CLI_VALUE', '--workers', workers, 'left out: --scaling says how many')
  const counts = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : 0))
  if (counts.some((count) => count < 1) || new Set(counts).size < counts.length)
    throw fail('CLI_VALUE', '--scaling', text, 'different numbers of workers, such as 1,2,3')
  return counts
}

function pointsOf(text: string | undefined): Record<string, number | string | boolean>[] | undefined {
  if (text === undefined) return undefined
  const want = 'JSON, such as {"learningRate":0.1} or a list of such'
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw fail('CLI_VALUE', '--enqueue', text, want)
  }
  const points = Array.isArray(read) ? read : [read]
  const valid = (point: unknown) =>
    typeof point === 'object' &&
    point !== null &&
    Object.values(point).every((value) => ['number', 'string', 'boolean'].includes(typeof value))
  if (!points.every(valid)) throw fail('CLI_VALUE', '--enqueue', text, want)
  return points
}
