/** What a worker says of itself when it dials. */
import type { Json } from '../core/json.ts'

export interface Hello {
  readonly rank: number
  readonly generation: number
}

export function helloOf({ rank, generation }: Hello): Json {
  return { role: 'worker', rank, generation }
}

/** A worker that wants files, over a connection of its own. */
export function filesHelloOf({ rank, generation }: Hello): Json {
  return { role: 'files', rank, generation }
}

export function isFilesHello(said: Json): boolean {
  return typeof said === 'object' && said !== null && !Array.isArray(said) && (said as { readonly role?: Json }).role === 'files'
}

/** What was said, if it is a worker's hello. */
export function readHello(said: Json): Hello | undefined {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return undefined
  const { role, rank, generation } = said as { readonly [key: string]: Json | undefined }
  if (role !== 'worker' || !Number.isInteger(rank) || !Number.isInteger(generation)) return undefined
  return { rank: rank as number, generation: generation as number }
}
