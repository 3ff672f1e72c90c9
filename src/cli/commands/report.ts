import { fail } from '../../core/errors.ts'
import { version } from '../../core/version.ts'
import { readStudy } from '../../hpo/index.ts'
import { readScaling, writeOutput } from '../../run/index.ts'
import { command } from '../command.ts'
import { exit } from '../exit.ts'
import { studyPage } from '../report/index.ts'
import { readStore, storeOption } from '../settings.ts'

export const report = command({
  name: 'report',
  summary: 'Make a page of a study that opens in any browser, without a network',
  usage: ['report STUDY --html FILE'],
  details: "STUDY is a study's name, the first letters of it, or 'last' for the newest.",
  options: {
    html: { type: 'text', value: 'FILE', summary: 'Where the page goes', required: true },
    store: storeOption,
  },
  positionals: ['STUDY'],
  async run({ options, positionals }, context) {
    await using store = await readStore(options.store, context)
    const study = await readStudy(store, positionals[0] as string)
    const file = options.html
    if (file === undefined) throw fail('CLI_MISSING', 'report', '--html FILE', 'tutti report STUDY --html FILE')
    const scaling = await readScaling(store, study.id)
    await writeOutput(file, studyPage(study, { now: context.clock.now(), version, program: context.program, ...(scaling && { scaling }) }))
    context.terminal.out(`Wrote ${file}: open it in a browser.\n`)
    return exit.ok
  },
})
