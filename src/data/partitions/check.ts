import { fail } from '../../core/errors.ts'

export function checkClients(clients: number): number {
  if (!Number.isInteger(clients) || clients < 1) throw fail('BAD_OPTION', 'partition', 'clients', clients, 'a whole number of at least 1')
  return clients
}
