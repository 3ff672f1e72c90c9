import type { Pruner } from '../pruner.ts'

/** Every trial runs to its end. */
export function none(): Pruner {
  return { name: 'none', begin: () => ({ judge: () => 'go' }) }
}
