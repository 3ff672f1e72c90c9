/** A manager and hosts of Ray that are played: connections whose other end is the test. */
import type { Json } from '../../../src/core/json.ts'
import type { Connection, Message } from '../../../src/net/index.ts'

export interface Played {
  readonly connection: Connection
  /** What it was told, in order. */
  readonly told: { readonly [key: string]: Json | undefined }[]
  /** With which reason it was closed by the one who is tested. */
  readonly hungUp: () => string | undefined
  say(body: Json): void
  /** Ends it from this side, or, after it was closed, lets that be known. */
  cut(reason?: string): void
}

/** `slow`: the news that it is closed comes when `cut` is called, as from one that is frozen. */
export function played({ slow = false } = {}): Played {
  const told: { [key: string]: Json | undefined }[] = []
  const closed = Promise.withResolvers<string>()
  let receive: ((message: Message) => void) | undefined
  let hungUp: string | undefined
  return {
    told,
    hungUp: () => hungUp,
    say(body) {
      if (hungUp === undefined) receive?.({ body } as Message)
    },
    cut: (reason = 'the connection was cut') => closed.resolve(reason),
    connection: {
      peer: 'played',
      pending: 0,
      send(body) {
        if (hungUp === undefined) told.push(body as { [key: string]: Json })
      },
      onMessage(callback) {
        receive = callback
      },
      close(reason = 'closed') {
        hungUp ??= reason
        if (!slow) closed.resolve(reason)
      },
      closed: closed.promise,
    },
  }
}

/** Lets promises that are settled be heard. */
export const breath = () => new Promise<void>((resolve) => setImmediate(resolve))
