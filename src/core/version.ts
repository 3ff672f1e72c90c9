import { readFileSync } from 'node:fs'

/** The version of this package, as its package.json says; two folders up in the source and in what is published. */
export const version: string = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
  .version
