import { resolve } from 'node:path'
import { fail, messageOf, TuttiError } from '../../core/errors.ts'
import { setDataDir } from '../../data/index.ts'
import { loadTraining, modes, type StudyJob, type StudyStart } from '../../run/index.ts'
import { openStore } from '../../store/index.ts'
import { command, type Input } from '../command.ts'
import type { Context } from '../context.ts'
import { exit, exitCodeOf } from '../exit.ts'
import { dataDirOption, storeOption, storePath, threadsOption } from '../settings.ts'
import { stopper } from '../stop.ts'
import { tell } from '../tell.ts'

export const tune = command({
  name: 'tune',
  summary: 'x',
  usage: ['tune FILE [options]'],
  options: {
    set: { type: 'settings', summary: 'Fix a key of the config, which is then not searched; may come again' },
    sampler: { type: 'text', value: 'S', summary: '' },
    pruner: { type: 'text', value: 'P', summary: '' },
    trials: { type: 'whole', value: 'N', summary: '' },
    timeout: { type: 'whole', value: 'S', summary: '' },
    workers: { type: 'whole', value: 'W', summary: '' },
    engine: { type: 'text', value: 'E', summary: '' },
    seed: { type: 'whole', least: 0, summary: 'Seed of all chance (default 0)' },
    study: { type: 'text', value: 'NAME', summary: '' },
    threads: threadsOption,
    dataDir: dataDirOption,
    store: storeOption,
    json: { type: 'flag', summary: 'End with the result as one line of JSON; progress goes to stderr' },
  } as const,
  positionals: ['FILE'],
  async run({ options, positionals }, context) {
    const { terminal, clock, host } = context
    await using store = await openStore({ path: storePath(options.store, context), clock })
    const file = resolve(positionals[0] as string)
    setDataDir(options.dataDir)
    const training = await loadTraining(file)
    const { set, store: _s, json, study, ...rest } = options as any
    using stop = stopper(host, clock, () => terminal.err('stopping\n'))
    const job: StudyJob = {
      training,
      file,
      settings: set,
      ...(study && { study }),
      ...Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined)),
    }
    const result = await modes.study().run(job, {
      store,
      clock,
      signal: stop.signal,
      cores: host.cores,
      watcher: {
        begin(s) {
          terminal.err(`${s.study}\n`)
        },
        ended(t) {
          terminal.err(`${t.number} ${t.state} ${JSON.stringify(t.metrics)} ${t.error?.message ?? ''} ${t.best ? '*' : ''}\n`)
        },
        output(r, t) {
          terminal.err(`[${r}] ${t}\n`)
        },
        say(t) {
          terminal.err(`${t}\n`)
        },
      },
    })
    terminal.out(`${JSON.stringify(result)}\n`)
    return exit.ok
  },
})
