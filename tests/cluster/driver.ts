/** A driver to be killed: starts obedient workers, lets the first compute for ever, says what there is to be cleaned up, and waits. */
import { existsSync, readdirSync } from 'node:fs'
import { engines } from '../../src/cluster/index.ts'
import { company } from '../../src/cluster/testing/company.ts'

const group = await company(engines.processes(), { workers: 3 })
const workers = await Promise.all([0, 1, 2].map((rank) => group.worker(rank)))
group.order(workers[0] as (typeof workers)[0], { do: 'compute', for: 600_000 })
const pids = workers.map(({ title }) => Number(/process (\d+)/.exec(title)?.[1]))
const folders = existsSync(process.env.TMPDIR as string)
  ? readdirSync(process.env.TMPDIR as string).filter((name) => name.startsWith('tutti-'))
  : []
process.stdout.write(`${JSON.stringify({ pids, folders })}\n`)
