/**
 * A Ray cluster on this host, for trying `--engine ray`: `npm run cluster:up -- [--nodes 3] [--cpus 1] [--token] [--port P]
 * [--folder DIR]`, and `npm run cluster:down -- [--folder DIR]`. Installs Ray into `.cache/ray` first; Linux only.
 */
import { readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { endCluster, findCluster, startCluster, Trouble } from './cluster/index.ts'

const usage = `npm run cluster:up -- [--nodes 3] [--cpus 1] [--token] [--port PORT] [--folder DIR]
npm run cluster:down -- [--folder DIR] [--all]

Starts a Ray cluster of several nodes on this host, and ends what it started; --all ends those of tests and benchmarks too.`

const root = join(import.meta.dirname, '..')

try {
  await main()
} catch (error) {
  if (!(error instanceof Trouble)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { command, values } = read()
  const folder = resolve(values.folder ?? join(root, '.cache/ray-cluster'))
  if (values.help || (command !== 'up' && command !== 'down')) {
    ;(values.help ? process.stdout : process.stderr).write(`${usage}\n`)
    process.exitCode = values.help ? 0 : 2
  } else if (command === 'up') await up(folder, values)
  else await down(folder, values.all)
}

type Values = ReturnType<typeof read>['values']

async function up(folder: string, values: Values): Promise<void> {
  const nodes = wholeOf('nodes', values.nodes)
  const cpus = wholeOf('cpus', values.cpus)
  const port = wholeOf('port', values.port)
  const ending = `End it with: npm run cluster:down${values.folder === undefined ? '' : ` -- --folder ${values.folder}`}`
  const found = await findCluster(folder)
  if (found.is === 'running') {
    const { address, nodes: there, tokenFile } = found.state
    say(`A cluster of ${there.length} nodes runs already, and is used: ${address}${tokenOf(tokenFile)}`, ending)
    if (nodes !== undefined && nodes !== there.length) throw new Trouble(`It has ${there.length} nodes, not ${nodes}: end it first.`)
    return
  }
  if (found.is === 'starting')
    throw new Trouble(`A cluster is being started already, by process ${found.state.starter.pid}. Wait for it, or: npm run cluster:down`)
  if (found.is === 'broken')
    throw new Trouble(`A cluster was started here, and ${found.alive} of its ${found.state.nodes.length} nodes answer. ${ending}`)

  const stop = new AbortController()
  const interrupt = () => stop.abort(new Trouble('Interrupted: nothing of it is left.'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt)
  const began = performance.now()
  const cluster = await startCluster({
    ...{ nodes, cpus, port, token: values.token, folder, stays: true, signal: stop.signal },
    progress: (text) => say(text),
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  for (const node of cluster.nodes) say(`  ${node.ip}  ${node.cpus} ${node.cpus === 1 ? 'CPU' : 'CPUs'}  process ${node.pid}`)
  say(`Ray is up after ${seconds} s, with ${Math.round(cluster.memory() / 2 ** 20)} MiB: ${cluster.address}${tokenOf(cluster.tokenFile)}`)
  say(`Use it with: --engine ray --ray-address ${cluster.address}${tokenFlag(cluster.tokenFile)}`, ending)
}

async function down(folder: string, all: boolean): Promise<void> {
  const others = join(root, '.cache/ray-clusters')
  const folders = all ? [folder, ...listOf(others).map((name) => join(others, name))] : [folder]
  let any = false
  for (const one of folders) {
    const ended = await endCluster(one)
    if (ended === undefined) continue
    any = true
    say(`Ended ${ended} ${ended === 1 ? 'process' : 'processes'} of the cluster in ${relative(process.cwd(), one) || one}.`)
  }
  if (!any) say('No cluster is running here.')
}

function read() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        nodes: { type: 'string' },
        cpus: { type: 'string' },
        port: { type: 'string' },
        folder: { type: 'string' },
        token: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    return { command: positionals.length === 1 ? positionals[0] : undefined, values }
  } catch (error) {
    throw new Trouble(`${(error as Error).message}\n\n${usage}`)
  }
}

function wholeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new Trouble(`--${name} wants a whole number, not '${text}'.`)
  return Number(text)
}

function tokenOf(file: string | undefined): string {
  return file === undefined ? '' : `, token in ${relative(process.cwd(), file)}`
}

function tokenFlag(file: string | undefined): string {
  return file === undefined ? '' : ` --ray-token-file ${relative(process.cwd(), file)}`
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
