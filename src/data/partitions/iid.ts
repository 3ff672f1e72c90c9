import { checkOptions } from '../../core/registry.ts'
import { identity } from '../batches.ts'
import { checkClients } from './check.ts'
import type { Partition } from './partition.ts'

/** Rows dealt at random, equally many to each client (sizes differ by at most one). */
export function iid(options: { clients: number }): Partition {
  checkOptions('partition iid', options, ['clients'])
  const clients = checkClients(options.clients)
  return {
    byLabel: false,
    assign(length, _labels, random) {
      const order = random.shuffle(identity(length))
      return Array.from({ length: clients }, (_, client) => order.filter((_row, i) => i % clients === client).sort())
    },
  }
}
