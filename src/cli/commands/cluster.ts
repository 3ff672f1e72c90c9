import { totalmem } from 'node:os'
import { type ClusterEngine, checkRay, engines, freeMemory, judge, type RayOptions } from '../../cluster/index.ts'
import { fail } from '../../core/errors.ts'
import { build, type Spec } from '../../core/registry.ts'
import { command } from '../command.ts'
import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { machineText, rayCheckText } from '../display/cluster.ts'
import { liveLine } from '../display/liveLine.ts'
import { engineOptions, takeEngine } from '../engine.ts'
import { exit } from '../exit.ts'
import { jsonOption, threadsOption } from '../settings.ts'

export const cluster = command({
  name: 'cluster',
  summary: 'Check the machines that trials are to run on',
  usage: ['cluster check --engine ray [options]'],
  details: `Asks every node of the cluster what a worker would find there: Node, memory, disk, platform, the versions
of Ray and Python, and whether it reaches this machine; and tells what is missing where, and how many workers
have room. Nodes that are busy are asked too, and nothing of theirs is disturbed. It ends with exit code 1 where
something is to be mended. Options that are the same every time may stand in tutti.config.ts.`,
  options: { ...engineOptions, threads: threadsOption, json: jsonOption },
  positionals: ['ACTION'],
  async run({ options, positionals: [action = ''] }, context) {
    if (action !== 'check') throw fail('CLI_COMMAND', `cluster ${action}`, ['cluster check'])
    const { chosen } = takeEngine(options, await readConfig())
    const spec: Spec = typeof chosen.engine === 'object' ? chosen.engine : { kind: chosen.engine ?? 'processes' }
    // Wrong options are refused before anybody is asked.
    const { name } = build<ClusterEngine>('engine', engines, spec)
    if (spec.kind !== 'ray') return tellMachine(name, options.json, context)
    const { kind: _, ...ray } = spec
    return await tellRay(ray, chosen.workers, options.json, context)
  },
})

async function tellRay(
  options: RayOptions,
  workers: number | 'auto' | undefined,
  json: boolean,
  { terminal, clock }: Context,
): Promise<number> {
  const line = liveLine(terminal)
  line.draw('Asking the nodes of Ray ...')
  const check = await checkRay(options, { clock }).finally(() => line.clear())
  const verdict = judge(check, workers)
  const look = { color: terminal.outColor, columns: terminal.columns }
  if (json) terminal.out(`${JSON.stringify({ engine: 'ray', ...check, ...verdict })}\n`)
  else terminal.out(rayCheckText(check, verdict, look))
  return verdict.ok ? exit.ok : exit.failed
}

function tellMachine(engine: string, json: boolean, { terminal, host }: Context): number {
  const machine = { engine, cores: host.cores, memory: totalmem(), free: freeMemory(), node: process.versions.node }
  if (json) terminal.out(`${JSON.stringify({ ...machine, ok: true })}\n`)
  else terminal.out(machineText(machine, { color: terminal.outColor, columns: terminal.columns }))
  return exit.ok
}
