/** The door of messages between peers. */
import type { SpecOf } from '../core/registry.ts'
import type { Transport } from './connection.ts'
import * as transports from './transports/index.ts'

transports satisfies Record<string, (options?: never) => Transport>
/** JSON form of a transport: `{ kind: 'unix' }`. */
export type TransportSpec = SpecOf<typeof transports>

export {
  type Address,
  type Connection,
  cut,
  type DialOptions,
  type Listener,
  type ListenOptions,
  type Message,
  type Transport,
} from './connection.ts'
export { dial, transportOf } from './dial.ts'
export { protocolVersion } from './handshake.ts'
export { readPlace } from './place.ts'
export { memory, tcp, tls, unix } from './transports/index.ts'
export { transports }
