import { ablationSvg, componentsOf } from '../../ablation/index.ts'
import { setDataDir } from '../../data/index.ts'
import { loadTraining, modes, writeOutput } from '../../run/index.ts'
import { withSettings } from '../../train/index.ts'
import { command } from '../command.ts'
import { readConfig, withConfig } from '../config.ts'
import { ablationText, componentsText } from '../display/ablation.ts'
import { ablationResultText } from '../display/studyResult.ts'
import { engineText, takeEngine } from '../engine.ts'
import { exit } from '../exit.ts'
import { dataDirFlag, given, sizeOf, storeFlag } from '../settings.ts'
import { runTrials, trialsOptions } from '../trials.ts'

export const ablate = command({
  name: 'ablate',
  summary: 'Run the training function of a file without parts of it, to see what they were worth',
  usage: ['ablate FILE [COMPONENT ...] [options]', 'ablate FILE --list'],
  details: `A COMPONENT is a feature of the data (age, or feature:age), a layer of the model (hidden2, or
layer:hidden2), or a part of your own that the file marks: component('augmentation', without => ...).
Groups are written feature:age+sex or layer:block*. Without any, everything there is, one at a time.

The whole runs first; each is run with several seeds, and compared with the whole of the same seed.`,
  options: {
    list: { type: 'flag', summary: 'Only list what could be taken away' },
    pairs: { type: 'flag', summary: 'Take away two at a time as well' },
    seeds: { type: 'whole', value: 'N', summary: 'How often each is run (default 3)' },
    seed: { type: 'whole', least: 0, summary: 'The first seed (default 0)' },
    set: { type: 'settings', summary: 'Replace a key of the config; may come again' },
    svg: { type: 'text', value: 'FILE', summary: 'Write a plot of the effects' },
    ...trialsOptions,
  },
  positionals: ['FILE', 'COMPONENT?...'],
  async run({ options, positionals }, context) {
    const config = await readConfig(positionals[0])
    const {
      store,
      dataDir,
      quiet,
      json,
      set: settings,
      memory,
      list,
      svg,
      help: _,
      debug: __,
      ...others
    } = withConfig(options as typeof options & { help: boolean; debug: boolean }, config)
    const { chosen, rest } = takeEngine(others, config)
    const { terminal, program } = context
    const [path = '', ...components] = positionals
    const look = { columns: terminal.columns, color: terminal.outColor }
    if (list) {
      setDataDir(dataDir)
      const training = await loadTraining(path)
      const found = await componentsOf(training, withSettings(training.config, settings))
      terminal.out([componentsText(found.components, look), ...found.notes.map((note) => `${note}\n`)].join(''))
      return exit.ok
    }
    const job = given({
      ...rest,
      ...chosen,
      dataDir,
      memory: sizeOf('--memory', memory),
      components: components.length > 0 ? components : undefined,
    })
    return runTrials(
      { file: path, store, dataDir, quiet, json, output: svg },
      context,
      async (training, file, surroundings) => {
        const result = await modes.ablation().run({ training, file, settings, ...job }, surroundings)
        if (svg !== undefined) await writeOutput(svg, ablationSvg(result.table, { title: training.name }))
        return result
      },
      ({ result, start, record, storeAt }) =>
        ablationResultText(result, start, ablationText(result.table, look), {
          ...{ ...look, program, settings, record, engine: engineText(options) },
          ...{ storeFlag: storeFlag(storeAt, context), dataDirFlag: dataDirFlag(options.dataDir) },
        }),
    )
  },
})
