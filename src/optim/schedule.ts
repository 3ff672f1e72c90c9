/** Learning rate by step: pure data and one function. */
export interface Schedule {
  readonly kind: string
  /** The rate for a step (0 is the first) of a run of `total` steps, where that is known. */
  at(step: number, total: number | undefined): number
}
