/** What a worker says of itself when it dials. */
import type { Json } from '../core/json.ts'

export interface Hello {
  readonly rank: number
  readonly generation: number
}

export function helloOf({ rank, generation }: Hello): Json {
  return { role: 'worker', rank, generation }
}

/** What was said, if it is a worker's hello. */
export function readHello(said: Json): Hello | undefined {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return undefined
  const { role, rank, generation } = said as { readonly [key: string]: Json | undefined }
  if (role !== 'worker' || !Number.isInteger(rank) || !Number.isInteger(generation)) return undefined
  return { rank: rank as number, generation: generation as number }
}
