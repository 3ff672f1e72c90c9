/** `tutti tune --scaling`: the search with several numbers of workers, compared on the screen and on a page. */
import { join } from 'node:path'
import { version } from '../core/version.ts'
import { readStudy } from '../hpo/index.ts'
import { type ScalingJob, type ScalingResult, scaling, writeOutput } from '../run/index.ts'
import type { Context } from './context.ts'
import { scalingText } from './display/scaling.ts'
import { studyResultText } from './display/studyResult.ts'
import { studyPage } from './report/index.ts'
import { storeFlag } from './settings.ts'
import { runTrials, type TrialsInput } from './trials.ts'

/** @param html where the page goes; default: in the store's folder. */
export function runScaling(
  input: TrialsInput,
  context: Context,
  job: Omit<ScalingJob, 'training' | 'file' | 'scaling'>,
  counts: readonly number[],
  html: string | undefined,
  dataDirFlag = '',
): Promise<number> {
  const { terminal, program, clock } = context
  return runTrials(
    { ...input, output: html },
    context,
    async (training, file, surroundings): Promise<ScalingResult & { readonly html?: string }> => {
      const { store } = surroundings
      const result = await scaling({ ...job, training, file, scaling: counts }, surroundings)
      if (!result.scaling) return result
      const page = html ?? join(store.location, `${result.study}.html`)
      const study = await readStudy(store, result.study)
      await writeOutput(page, studyPage(study, { now: clock.now(), version, program, scaling: result.scaling }))
      return { ...result, html: page }
    },
    ({ result, start, record, storeAt }) => {
      const look = { color: terminal.outColor, columns: terminal.columns, program, storeFlag: storeFlag(storeAt, context) }
      // In a file or a pipe there is room.
      const columns = terminal.interactive ? terminal.columns : Number.POSITIVE_INFINITY
      if (result.scaling)
        return scalingText(result.scaling, { ...look, columns, html: result.html ?? '', store: storeAt, seconds: result.seconds })
      return studyResultText(result, start, { ...look, dataDirFlag, settings: job.settings ?? {}, record })
    },
  )
}
