import { suggest } from '../suggest.ts'

/** Errors of the store room, and of the files weights and arrays are kept in. */
export const errors = {
  FILE_CORRUPT: (file: string, problem: string) =>
    `${file} is damaged, or is not what its name says: ${problem}. Write it again, or fetch it again.`,
  FILE_UNSUPPORTED: (file: string, what: string, advice: string) => `${file} has ${what}, which tutti does not read. ${advice}.`,
  STORE_MISSING: (path: string) => `There is no store at '${path}' yet. Train something first, or name the store's folder with --store.`,
  STORE_FOREIGN: (path: string, why: string) => `'${path}' is not a tutti store: ${why}. Name another folder with --store.`,
  STORE_CORRUPT: (path: string, why: string) =>
    `The store at '${path}' is damaged: ${why}. Restore its folder from a copy, or name another one with --store.`,
  STORE_NEWER: (path: string, theirs: number, ours: number) =>
    `The store at '${path}' has schema version ${theirs}, and this tutti knows versions up to ${ours}. Update tutti, or name another store with --store.`,
  STORE_OLDER: (path: string, theirs: number, ours: number) =>
    `The store at '${path}' has schema version ${theirs} and must first be brought to version ${ours}. Open it once for writing, as any training run does.`,
  STORE_READ_ONLY: (path: string, why: string) =>
    `The store at '${path}' cannot be written: ${why}. Change its permissions, or name another folder with --store.`,
  STORE_FULL: (path: string) =>
    `The disk that holds the store at '${path}' is full. Free some space there, or name another folder with --store.`,
  STORE_LOCKED: (path: string, seconds: number) =>
    `The store at '${path}' has been locked by another process for more than ${seconds} s. Wait for that process or end it, then try again.`,
  STORE_FAILED: (path: string, why: string) => `The store at '${path}' failed: ${why}.`,
  RUN_UNKNOWN: (run: string, known: Iterable<string>) =>
    `The store has no run '${run}'. ${run === 'last' ? 'It has no runs at all yet.' : suggest(run, known)}`,
  RUN_AMBIGUOUS: (prefix: string, found: readonly string[]) =>
    `'${prefix}' may mean ${found.length} runs: ${found.slice(0, 8).join(', ')}${found.length > 8 ? ', ...' : ''}. Give more letters.`,
  RUN_OWNED: (run: string, owner: string) =>
    `Run '${run}' belongs to ${owner}, which is still at work. Wait for it to end, or stop it first.`,
  RUN_TAKEN: (run: string) =>
    `Run '${run}' no longer belongs to this process: it has ended, was deleted, or another process has taken it over. Nothing more is written to it.`,
  ARTIFACT_UNKNOWN: (run: string, name: string, known: Iterable<string>) =>
    `Run '${run}' has no artifact '${name}'. ${suggest(name, known)}`,
  ARTIFACT_NAME: (name: string) =>
    `'${name}' cannot be an artifact's name. Use letters, digits, '.', '_', '-' and single '/' between parts, such as 'checkpoints/step-100.safetensors'.`,
  ARTIFACT_MISSING: (run: string, name: string, file: string) =>
    `Artifact '${name}' of run '${run}' is recorded but its file ${file} is gone. Restore the file, or train again.`,
  ARTIFACT_CORRUPT: (run: string, name: string, file: string) =>
    `Artifact '${name}' of run '${run}' was changed or damaged: ${file} does not have the SHA-256 that was recorded. Restore the file, or train again.`,
  RUN_EXISTS: (id: string) => `There is a run '${id}' already. Choose another name, or delete it: tutti runs delete ${id}.`,
  RUN_NAME: (id: string) => `'${id}' cannot name a run: a name is letters, digits, '_' and '-', at most 64, and not 'last'.`,
} as const
