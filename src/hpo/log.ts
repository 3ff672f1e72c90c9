/** Where a driver writes. */
export interface StudyLog {
  /** Everything recorded so far is written; durable: also through a loss of power. @throws when it cannot be written */
  flush(durable: boolean): Promise<void>
  /** A line of a trial's own log. */
  log(level: 'info' | 'warn', text: string): void
  /** Keeps a trial's snapshot as its newest. */
  saveCheckpoint(trial: number, bytes: Uint8Array, step: number): Promise<void>
  readCheckpoint(trial: number): Promise<Uint8Array | undefined>
  /** Undefined where there are none. */
  dropCheckpoints(trial: number): Promise<void> | undefined
  /** Keeps the files of the best model, instead of those before. */
  saveModel(trial: number, files: ReadonlyMap<string, Uint8Array>): Promise<void>
}
