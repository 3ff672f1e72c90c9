/** Two sides of a connection, for tests. */
import type { Json } from '../../core/json.ts'
import type { Connection, Listener, Message, Transport } from '../connection.ts'

export const token = 'a token that only the two sides know'

export interface Pair extends AsyncDisposable {
  readonly transport: Transport
  readonly listener: Listener
  /** The caller's side. */
  readonly near: Connection
  readonly far: Connection
  /** What the caller said of itself. */
  readonly hello: Json
  /** Everybody who got in. */
  readonly accepted: readonly Connection[]
}

export interface PairOptions {
  readonly hello?: Json
  readonly limit?: number
  /** The caller's, where it differs. */
  readonly dialLimit?: number
  readonly patience?: number
}

export async function connected(transport: Transport, options: PairOptions = {}): Promise<Pair> {
  const { hello = null, limit, dialLimit = limit, patience } = options
  const accepted: Connection[] = []
  const { promise, resolve } = Promise.withResolvers<{ far: Connection; said: Json }>()
  const listener = await transport.listen({
    token,
    limit,
    patience,
    accept: (far, said) => {
      accepted.push(far)
      resolve({ far, said })
    },
  })
  try {
    const near = await transport.dial(listener.address, { token, hello, limit: dialLimit })
    // On a machine that is too busy the listener may lose patience when the caller is through: better an error than no end.
    const { far, said } = await Promise.race([promise, near.closed.then((reason) => Promise.reject(new Error(`hung up: ${reason}`)))])
    return {
      transport,
      listener,
      near,
      far,
      hello: said,
      accepted,
      async [Symbol.asyncDispose]() {
        for (const connection of [near, ...accepted]) connection.close('the test is over')
        await Promise.all([near, ...accepted].map(({ closed }) => closed))
        await listener[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await listener[Symbol.asyncDispose]()
    throw error
  }
}

/** Keeps what arrives. */
export function collect(connection: Connection): { readonly messages: Message[]; until(count: number): Promise<void> } {
  const messages: Message[] = []
  let wake = () => {}
  connection.onMessage((message) => {
    messages.push(message)
    wake()
  })
  return {
    messages,
    async until(count) {
      const ended = connection.closed.then((reason) => {
        if (messages.length < count) throw new Error(`closed after ${messages.length} of ${count} messages: ${reason}`)
      })
      while (messages.length < count) {
        await Promise.race([ended, new Promise<void>((resolve) => (wake = resolve))])
      }
      ended.catch(() => undefined)
    },
  }
}
