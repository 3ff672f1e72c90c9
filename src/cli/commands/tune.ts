import { fail } from '../../core/errors.ts'
import { modes } from '../../run/index.ts'
import { command } from '../command.ts'
import { studyResultText } from '../display/studyResult.ts'
import { given, sizeOf, storeFlag } from '../settings.ts'
import { runTrials, trialsOptions } from '../trials.ts'

export const tune = command({
  name: 'tune',
  summary: 'Run the training function of a file many times, to find the best config',
  usage: ['tune FILE [options]', 'tune FILE --study NAME [options]'],
  details: `What may be chosen is the training's own: training({ ..., space: { learningRate:
space.logUniform(1e-4, 1) } }). A sampler or pruner is a name, its JSON form such as
'{"kind":"tpe","startup":5}', or a module of your own such as ./mySampler.ts.

A study is never lost: the same command with --study NAME goes on where it stopped, also
after its process was killed. Ctrl-C keeps checkpoints of what runs; a second one ends at once.`,
  options: {
    sampler: { type: 'text', value: 'S', summary: 'Chooses configs: tpe (default), random, grid, sobol, gp, cmaes, evolution, nsga2' },
    pruner: {
      type: 'text',
      value: 'P',
      summary: 'Ends trials early: median (default), none, percentile, asha, hyperband, pbt, ...',
    },
    trials: { type: 'whole', value: 'N', summary: 'How many trials in all (default 50; of a grid, all)' },
    seed: { type: 'whole', least: 0, summary: 'Seed of all chance (default 0)' },
    set: { type: 'settings', summary: 'Fix a key of the config, which is then not searched; may come again' },
    enqueue: { type: 'text', value: 'JSON', summary: 'A config to try first, or a list of them: \'{"learningRate":0.1}\'' },
    warmStart: { type: 'text', value: 'STUDY', summary: 'Tell the sampler what an older study found' },
    ...trialsOptions,
  },
  positionals: ['FILE'],
  async run({ options, positionals }, context) {
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
      help: _,
      debug: __,
      ...rest
    } = options as typeof options & { help: boolean; debug: boolean }
    const { terminal, program } = context
    const job = given({ ...rest, ...meant(sampler, pruner), dataDir, memory: sizeOf('--memory', memory), enqueue: pointsOf(enqueue) })
    return runTrials(
      { file: positionals[0] as string, store, dataDir, quiet, json },
      context,
      (training, file, surroundings) => modes.study().run({ training, file, settings, ...job }, surroundings),
      ({ result, start, record, storeAt }) =>
        studyResultText(result, start, {
          ...{ color: terminal.outColor, columns: terminal.columns, program, settings, record },
          storeFlag: storeFlag(storeAt, context),
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
