import type { Report } from './report.ts'

/** One question, answered by measuring; `npm run bench -- <name>`. */
export interface Suite {
  /** For `--help`. */
  readonly about: string
  /** What `--only` may name, where it is known before. */
  readonly parts?: readonly string[]
  run(options: SuiteOptions): Promise<Report>
}

export interface SuiteOptions {
  /** Few rounds, one thread, fewer peers. */
  readonly quick: boolean
  /** Thread counts asked for; the suite's own when empty. */
  readonly threads: readonly number[]
  /** Workloads asked for; all when empty. */
  readonly only: readonly string[]
  /** Folder of data sets. */
  readonly dataDir: string | undefined
  /** Tells how it goes. */
  progress(text: string): void
}
