import { fail } from '../../core/errors.ts'
import { fromText, type Json } from '../../core/json.ts'
import { checkOptions } from '../../core/registry.ts'
import { type Connection, defaultLimit, type ListenOptions, type Transport } from '../connection.ts'
import { checkSize, helloLimit, textOf, tooLarge } from '../frame.ts'
import { mailbox } from '../mailbox.ts'

/**
 * Within one thread, without timers or sockets: for workers in the driver's own process, and for simulations under a virtual
 * clock. Messages are copied, as on a wire, and arrive in a microtask.
 *
 * `breath` counts the deliveries after which the event loop gets a turn, so that timers and signals are heard while two sides
 * talk without end; default 64. With 0 it never does, and everything is delivered before the next macrotask.
 */
export function memory(options: { readonly breath?: number } = {}): Transport {
  checkOptions('the transport memory', options, ['breath'])
  const { breath = 64 } = options
  if (!Number.isInteger(breath) || breath < 0)
    throw fail('BAD_OPTION', 'the transport memory', 'breath', breath, 'a whole number of at least 0')
  return {
    name: 'memory',
    summary: 'within this thread',
    reach: 'thread',
    async listen(listen) {
      const address = `memory:${++serial}`
      listeners.set(address, { ...listen, breath })
      return { address, [Symbol.asyncDispose]: async () => void listeners.delete(address) }
    },
    async dial(address, dial) {
      const there = listeners.get(address)
      if (!there) throw fail('NET_UNREACHABLE', address, 0, 'nobody listens there in this thread')
      if (there.token !== dial.token) throw fail('NET_REFUSED', address, 'it does not accept the token')
      const text = textOf(dial.hello)
      checkSize(Buffer.byteLength(text), helloLimit)
      const [near, far] = pair([dial.limit ?? defaultLimit, there.limit ?? defaultLimit], there.breath)
      queueMicrotask(() => there.accept(far, fromText(text)))
      return near
    },
  }
}

/** Listeners of this thread, by address. */
const listeners = new Map<string, ListenOptions & { readonly breath: number }>()
let serial = 0

/** One of the two ends. */
interface End {
  readonly connection: Connection
  /** Takes what the other end says. */
  arrive(item: Arrival): void
  /** Bytes that arrived and are not delivered yet. */
  readonly waiting: number
}

type Arrival = { readonly text: string; readonly bytes: Uint8Array | undefined; readonly size: number } | { readonly goodbye: string }

/** Two connected ends, the caller's first. */
function pair(limits: readonly [number, number], breath: number): readonly [Connection, Connection] {
  const turns = { count: 0 }
  const near: End = makeEnd(limits[0], breath, turns, () => far)
  const far: End = makeEnd(limits[1], breath, turns, () => near)
  return [near.connection, far.connection]
}

function makeEnd(limit: number, breath: number, turns: { count: number }, other: () => End): End {
  let inbox: Arrival[] = []
  let scheduled = false
  let waiting = 0
  const box = mailbox((reason) => close(reason))
  const close = (reason: string) => {
    if (!box.open) return
    box.close(reason)
    other().arrive({ goodbye: reason })
  }
  const drain = () => {
    scheduled = false
    const items = inbox
    inbox = []
    waiting = 0
    for (const item of items) {
      if ('goodbye' in item) box.close(item.goodbye)
      else if (item.size > limit) close(tooLarge(item.size, limit))
      else if (box.open) {
        const body = fromText(item.text)
        box.deliver(item.bytes ? { body, bytes: item.bytes } : { body })
      }
    }
  }
  const connection: Connection = {
    peer: 'memory',
    send(body: Json, bytes) {
      const text = textOf(body)
      const size = Buffer.byteLength(text) + (bytes?.byteLength ?? 0)
      checkSize(size, limit)
      if (box.open) other().arrive({ text, bytes: bytes && new Uint8Array(bytes), size })
    },
    get pending() {
      return other().waiting
    },
    onMessage: box.onMessage,
    close: (reason = 'closed') => close(reason),
    closed: box.closed,
  }
  return {
    connection,
    get waiting() {
      return waiting
    },
    arrive(item) {
      inbox.push(item)
      if ('size' in item) waiting += item.size
      if (scheduled) return
      scheduled = true
      if (breath > 0 && ++turns.count % breath === 0) setImmediate(drain)
      else queueMicrotask(drain)
    },
  }
}
