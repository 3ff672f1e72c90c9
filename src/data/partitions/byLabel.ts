import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { identity } from '../batches.ts'
import { groupByLabel } from '../split.ts'
import { checkClients } from './check.ts'
import type { Partition } from './partition.ts'

/**
 * Every client sees only `labelsPerClient` labels (default 2); the rows of a label are shared equally among the clients
 * that see it. The "pathological non-iid" setting of McMahan et al. (2017), without shards that span two labels.
 */
export function byLabel(options: { clients: number; labelsPerClient?: number }): Partition {
  checkOptions('partition byLabel', options, ['clients', 'labelsPerClient'])
  const clients = checkClients(options.clients)
  const { labelsPerClient = 2 } = options
  return {
    byLabel: true,
    assign(length, labels, random) {
      const groups = groupByLabel(labels, length)
      if (!(Number.isInteger(labelsPerClient) && labelsPerClient >= 1 && labelsPerClient <= groups.length))
        throw fail('BAD_OPTION', 'partition byLabel', 'labelsPerClient', labelsPerClient, `a whole number from 1 to ${groups.length}`)
      const slots = clients * labelsPerClient
      if (slots < groups.length)
        throw fail('DATA_SPLIT', 'the table', `${clients} clients with ${labelsPerClient} labels each cannot hold ${groups.length} labels`)
      const shares: number[][] = Array.from({ length: clients }, () => [])
      const seats = random.shuffle(identity(clients))
      // The slots of one label follow one another and slot s goes to seat s mod clients: a label never meets a client twice.
      let slot = 0
      random.shuffle(groups).forEach((group, g) => {
        const end = Math.floor(((g + 1) * slots) / groups.length)
        const rows = random.shuffle(group)
        const holders = end - slot
        rows.forEach((row, i) => {
          shares[seats[(slot + (i % holders)) % clients] as number]?.push(row)
        })
        slot = end
      })
      return shares.map((rows) => Int32Array.from(rows).sort())
    },
  }
}
