/** The contract between two peers that exchange messages: what every transport gives once both sides have shown who they are. */
import type { Json } from '../core/json.ts'

/** What travels: plain data (numbers keep NaN, the infinities and -0) and, beside it, bytes that are never parsed. */
export interface Message {
  readonly body: Json
  /** The receiver's own, and aligned for every kind of number: `new Float32Array(bytes.buffer, bytes.byteOffset)` works. */
  readonly bytes?: Uint8Array
}

/**
 * Laws: messages arrive whole, once, and in the order sent, or the connection is closed; nothing is delivered after `closed`
 * has resolved; what arrives before the first `onMessage` waits for it, while the connection is open. A message too large, or
 * that is no message, closes the connection with the reason; so does a receiver that throws.
 */
export interface Connection {
  /** Who is at the other end, for people: 'memory', '127.0.0.1:4711'. */
  readonly peer: string
  /**
   * Never waits; what cannot be sent any more is dropped. Body and bytes are copied: the caller may change them at once.
   *
   * @throws NET_MESSAGE for what is larger than the limit, or is no plain data; nothing was sent then
   */
  send(body: Json, bytes?: Uint8Array): void
  /** Bytes that are sent but not yet with the operating system: a sender of much waits until they are few. */
  readonly pending: number
  /** The one receiver; called from the event loop, one message after another. */
  onMessage(receive: (message: Message) => void): void
  /** Sends what is waiting, then closes; nothing is received any more. The reason is told to the other side. */
  close(reason?: string): void
  /** Resolves, never rejects, when it is closed, by whom ever, with the reason in words; with `cut` where nobody gave one. */
  readonly closed: Promise<string>
}

/** The reason of a connection that ended without a word: the other process died, or the network failed. */
export const cut = 'the connection was cut'

/** Where a listener can be reached: 'unix:/run/x.sock', 'tcp:127.0.0.1:4711', 'tls:[::1]:4711/SHA-256', 'memory:7'. */
export type Address = string

export interface ListenOptions {
  /** Who does not know it is turned away before anything of theirs is parsed. */
  readonly token: string
  /** Largest message, in bytes; default 1 GiB. */
  readonly limit?: number
  /** Milliseconds that a caller may take to show the token. Default 5000: that is a thousand times what it takes. */
  readonly patience?: number
  /** Called for each peer that has shown the token, with what it said of itself. Who is not wanted is closed, with the reason. */
  readonly accept: (connection: Connection, hello: Json) => void
}

/** Disposing of it ends the listening; connections that were accepted stay open. */
export interface Listener extends AsyncDisposable {
  readonly address: Address
}

export interface DialOptions {
  readonly token: string
  /** What this side says of itself, at most 64 KiB; checked by whoever accepts. */
  readonly hello: Json
  readonly limit?: number
  /** Milliseconds to try for. Default 10,000. */
  readonly patience?: number
}

/** Largest message where nothing else is said, in bytes. */
export const defaultLimit = 2 ** 30

/** One way to carry messages. */
export interface Transport {
  readonly name: string
  /** One line for people. */
  readonly summary: string
  /** How far it goes: within this thread, between processes of this machine, or between machines. */
  readonly reach: 'thread' | 'machine' | 'network'
  listen(options: ListenOptions): Promise<Listener>
  /**
   * Resolves when both sides have shown the token; whoever accepts may still close the connection with a reason.
   *
   * @throws NET_UNREACHABLE, NET_REFUSED (wrong token), NET_VERSION (another version of the protocol)
   */
  dial(address: Address, options: DialOptions): Promise<Connection>
  /** Path of what a listener leaves on the disk if its process is killed: whoever finds it dead may remove it. */
  leavesBehind?(address: Address): string
}
