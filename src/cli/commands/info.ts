import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatBytes } from '../../core/bytes.ts'
import { messageOf } from '../../core/errors.ts'
import { cacheFolder } from '../../core/folders.ts'
import { version } from '../../core/version.ts'
import { runtimes } from '../../graph/index.ts'
import { defaultThreads, modes } from '../../run/index.ts'
import { systemFacts } from '../../store/index.ts'
import { command } from '../command.ts'
import type { Context } from '../context.ts'
import { styleOf } from '../display/style.ts'
import { table } from '../display/table.ts'
import { exit } from '../exit.ts'
import { dataDirOption, jsonOption, readStore, storeOption, storePath } from '../settings.ts'

export const info = command({
  name: 'info',
  summary: 'Show versions, runtimes, threads and folders',
  usage: ['info [options]'],
  options: { dataDir: dataDirOption, store: storeOption, json: jsonOption },
  positionals: [],
  async run({ options }, context) {
    const { terminal, host } = context
    const { os, cpu, cores, memory, node } = await systemFacts()
    const found = {
      tutti: version,
      node,
      os,
      cpu,
      memory,
      threads: { available: cores, default: defaultThreads },
      runtimes: await runtimeVersions(),
      modes: Object.keys(modes),
      data: { folder: options.dataDir ?? host.environment.TUTTI_DATA ?? null, cache: cacheFolder() },
      store: await storeFacts(options.store, context),
    }
    if (options.json) {
      terminal.out(`${JSON.stringify(found)}\n`)
      return exit.ok
    }
    const { dim } = styleOf(terminal.outColor)
    const rows: [string, string][] = [
      ['tutti', found.tutti],
      ['Node', String(found.node)],
      ['system', String(found.os)],
      ['processor', String(found.cpu)],
      ['memory', formatBytes(Number(memory))],
      ['threads', `${found.threads.default} by default, ${cores} available`],
      ...Object.entries(found.runtimes).map(([name, text], i): [string, string] => [
        i === 0 ? 'runtimes' : '',
        text === name ? name : `${name}: ${text}`,
      ]),
      ['modes', found.modes.join(', ')],
      ['data', found.data.folder ?? '(none named: --data-dir or TUTTI_DATA)'],
      ['downloads', found.data.cache],
      [
        'store',
        `${found.store.path}${found.store.runs === null ? ' (not there yet)' : `: ${found.store.runs} run${found.store.runs === 1 ? '' : 's'}`}`,
      ],
    ]
    terminal.out(table(rows.map(([name, text]) => [dim(name), text])))
    return exit.ok
  },
})

/** A runtime that cannot be loaded says why; the rest is still of use. */
async function runtimeVersions(): Promise<Record<string, string>> {
  const made = Object.values(runtimes).map((make) => make())
  return Object.fromEntries(await Promise.all(made.map(async (runtime) => [runtime.name, await runtime.version().catch(messageOf)])))
}

async function storeFacts(option: string | undefined, context: Context): Promise<{ path: string; runs: number | null }> {
  const path = storePath(option, context)
  if (!existsSync(join(path, 'tutti.db'))) return { path, runs: null }
  await using store = await readStore(option, context)
  return { path, runs: (await store.runs()).length }
}
