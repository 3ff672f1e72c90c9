/** The receiving end of a connection, the same for every transport. */
import { messageOf } from '../core/errors.ts'
import type { Message } from './connection.ts'

export interface Mailbox {
  /** Neither closed nor closing. */
  readonly open: boolean
  /** Hands a message to the receiver; keeps it where there is none yet, drops it where nobody may receive any more. */
  deliver(message: Message): void
  onMessage(receive: (message: Message) => void): void
  /** From now on nothing is delivered. */
  shut(): void
  /** Shuts, and resolves `closed` with the first reason given. */
  close(reason: string): void
  readonly closed: Promise<string>
}

/** `onFailure` is told when the receiver throws. */
export function mailbox(onFailure: (reason: string) => void): Mailbox {
  let receiver: ((message: Message) => void) | undefined
  let waiting: Message[] = []
  let open = true
  const { promise: closed, resolve } = Promise.withResolvers<string>()
  const hand = (message: Message) => {
    try {
      receiver?.(message)
    } catch (error) {
      onFailure(`a message could not be dealt with: ${messageOf(error)}`)
    }
  }
  const shut = () => {
    open = false
    waiting = []
  }
  return {
    get open() {
      return open
    },
    deliver(message) {
      if (!open) return
      if (receiver === undefined || waiting.length > 0) waiting.push(message)
      else hand(message)
    },
    onMessage(receive) {
      receiver = receive
      // Not from within the caller, who is still setting up.
      queueMicrotask(() => {
        for (let i = 0; i < waiting.length; i++) hand(waiting[i] as Message)
        waiting = []
      })
    },
    shut,
    close(reason) {
      shut()
      resolve(reason)
    },
    closed,
  }
}
