/** The contract between two peers that exchange messages: what every transport gives once both sides have shown who they are. */
import type { Json } from '../core/json.ts'

/** What travels: plain data and, beside it, bytes that are never parsed. */
export interface Message {
  readonly body: Json
  readonly bytes?: Uint8Array
}

/**
 * Laws: messages arrive whole, once, and in the order sent, or the connection is closed; nothing is delivered after `closed`
 * has resolved; what arrives before the first `onMessage` waits for it. A message too large, or that is no message, closes the
 * connection with the reason.
 */
export interface Connection {
  /** Who is at the other end, for people: 'memory', '127.0.0.1:4711'. */
  readonly peer: string
  /** Never waits; what cannot be sent any more is dropped. */
  send(body: Json, bytes?: Uint8Array): void
  /** Bytes that are sent but not yet with the operating system: a sender of much waits until they are few. */
  readonly pending: number
  /** The one receiver; called from the event loop, one message after another. */
  onMessage(receive: (message: Message) => void): void
  /** Sends what is waiting, then closes. The reason is told to the other side. */
  close(reason?: string): void
  /** Resolves, never rejects, when it is closed, by whom ever, with the reason in words. */
  readonly closed: Promise<string>
}

/** Where a listener can be reached: 'unix:/run/x.sock', 'tcp:127.0.0.1:4711', 'memory:7'. */
export type Address = string

export interface ListenOptions {
  /** Who does not know it is turned away before anything of theirs is parsed. */
  readonly token: string
  /** Largest message, in bytes; default 1 GiB. */
  readonly limit?: number
  /** Called for each peer that has shown the token, with what it said of itself. */
  readonly accept: (connection: Connection, hello: Json) => void
}

export interface Listener extends AsyncDisposable {
  readonly address: Address
}

export interface DialOptions {
  readonly token: string
  /** What this side says of itself; checked by whoever accepts. */
  readonly hello: Json
  readonly limit?: number
  /** Milliseconds to try for. Default 10,000. */
  readonly patience?: number
}

/** One way to carry messages. */
export interface Transport {
  readonly name: string
  listen(options: ListenOptions): Promise<Listener>
  /** @throws NET_UNREACHABLE, NET_REFUSED (wrong token), NET_VERSION (another version of the protocol) */
  dial(address: Address, options: DialOptions): Promise<Connection>
}
