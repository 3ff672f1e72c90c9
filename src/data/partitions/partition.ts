import type { Random } from '../../core/random.ts'

/** Shares rows out among clients. Law: every row goes to exactly one client, and the same chance gives the same shares. */
export interface Partition {
  /** Whether it needs labels. */
  readonly byLabel: boolean
  /** Row numbers of each client, increasing. `labels` has one entry a row, or is empty where `byLabel` is false. */
  assign(length: number, labels: ArrayLike<number>, random: Random): Int32Array[]
}
