/** Which trials an ablation has: those it had before, and those that what is asked for now needs. */
import { componentsOf, everyComponent, planAblation, resolveComponents, withMet } from '../../ablation/index.ts'
import { fail } from '../../core/errors.ts'
import { type PlannedTrial, readStudy } from '../../hpo/index.ts'
import type { Store } from '../../store/index.ts'
import type { Config } from '../../train/index.ts'
import type { AblationJob, StudySurroundings } from '../study.ts'

/** Three differences are the fewest that an interval says something of. */
const defaultSeeds = 3

export interface LivePlan {
  /** Grows when a base trial meets components that were not known. */
  readonly plan: PlannedTrial[]
  /** Tells which components of one's own a trial met. */
  met(trial: number, components: readonly string[]): void
}

/** @throws ABLATION_UNKNOWN, ABLATION_LABEL, ABLATION_LAYER, ABLATION_FEATURES, ABLATION_AMBIGUOUS, ABLATION_NOTHING */
export async function ablationPlan(job: AblationJob, config: Config, { store, watcher }: StudySurroundings): Promise<LivePlan> {
  const { training, components, pairs = false, seeds: count = defaultSeeds, seed = 0 } = job
  if (!Number.isInteger(count) || count < 1) throw fail('BAD_OPTION', 'ablation', 'seeds', count, 'a whole number, at least 1')
  const seeds = Array.from({ length: count }, (_, i) => seed + i)
  const found = await componentsOf(training, config)
  const chosen = components === undefined ? everyComponent(found) : resolveComponents(components, found)
  if (components === undefined) for (const note of found.notes) watcher.say(note)
  const asked = await before(store, job.study)
  const plan = [...asked]
  const add = (trials: readonly PlannedTrial[]) => {
    const known = new Set(plan.map(keyOf))
    plan.push(...trials.filter((trial) => !known.has(keyOf(trial))))
  }
  // A training that has nothing but components of its own, which its base trials will meet.
  const base = seeds.map((one) => ({ without: [], seed: one }))
  add(chosen.length === 0 ? base : planAblation({ components: chosen, pairs, seeds }))
  return {
    plan,
    met(_trial, names) {
      if (components !== undefined || names.length === 0) return
      const all = [...new Set([...chosen, ...everyComponent(withMet(found, names))])]
      add(planAblation({ components: all, pairs, seeds }))
    },
  }
}

async function before(store: Store, study: string | undefined): Promise<PlannedTrial[]> {
  if (study === undefined || !(await store.runs({ mode: 'ablation' })).some(({ id }) => id === study)) return []
  return (await readStudy(store, study)).trials.map(({ without = [], seed }) => ({ without, seed }))
}

function keyOf({ without, seed }: PlannedTrial): string {
  return `${[...without].sort().join('\n')}\n${seed}`
}
