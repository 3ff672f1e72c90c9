/** The door of messages between peers. */
export type { Address, Connection, DialOptions, Listener, ListenOptions, Message, Transport } from './connection.ts'
