/** The model that a run leaves, where it is not the run that made it. */
import type { Config } from '../../train/index.ts'

export const filesOf = Symbol('files')

/** A training that knows the files of a config's model. */
export interface WithFiles {
  readonly [filesOf]?: (config: Config) => ReadonlyMap<string, Uint8Array> | undefined
}
