import { exportModel } from '../../run/index.ts'
import { command } from '../command.ts'
import { exit } from '../exit.ts'
import { quoted, readStore, storeOption } from '../settings.ts'

/** `export` is a word of the language; the registry calls it by its name. */
export const exportCommand = command({
  name: 'export',
  summary: 'Take the model of a run out: ONNX, its numbers and a model card',
  usage: ['export RUN --to DIR [options]'],
  options: {
    to: { type: 'text', value: 'DIR', summary: 'Folder to write to; made where needed', required: true },
    force: { type: 'flag', summary: 'Replace files of an earlier export' },
    store: storeOption,
  },
  positionals: ['RUN'],
  async run({ options, positionals }, context) {
    const { terminal, program } = context
    await using store = await readStore(options.store, context)
    const written = await exportModel(store, positionals[0] as string, options.to as string, { force: options.force })
    terminal.out(`${written.map((path) => `${path}\n`).join('')}\n`)
    terminal.out(`Use   ${program} predict ${quoted(written.find((path) => path.endsWith('.onnx')) as string)} --input FILE\n`)
    return exit.ok
  },
})
