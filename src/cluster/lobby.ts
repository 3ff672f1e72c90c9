/** Where those who call are matched with those who are expected: anyone else, and anyone twice, is turned away. */
import type { Json } from '../core/json.ts'
import type { Connection } from '../net/index.ts'
import { type Hello, readHello } from './hello.ts'

export interface Lobby {
  /** Waits for a caller; `forget` ends the waiting. */
  expect(who: Hello): { readonly arrival: Promise<Connection>; forget(): void }
  /** What a listener calls for each who knows the token. */
  receive(connection: Connection, said: Json): void
}

export function lobby(): Lobby {
  const expected = new Map<number, { generation: number; arrive: (connection: Connection) => void }>()
  return {
    expect({ rank, generation }) {
      const { promise: arrival, resolve } = Promise.withResolvers<Connection>()
      const entry = { generation, arrive: resolve }
      expected.set(rank, entry)
      return { arrival, forget: () => void (expected.get(rank) === entry && expected.delete(rank)) }
    },
    receive(connection, said) {
      const hello = readHello(said)
      if (!hello) return connection.close('only workers are expected here')
      const entry = expected.get(hello.rank)
      if (entry?.generation !== hello.generation) {
        return connection.close(`generation ${hello.generation} of worker ${hello.rank} is not expected`)
      }
      expected.delete(hello.rank)
      entry.arrive(connection)
    },
  }
}
