/** Which trials an ablation has: those it had before, and those that what is asked for now needs. */
import { componentsOf, everyComponent, planAblation, resolveComponents, withMet } from '../../ablation/index.ts'
import { fail } from '../../core/errors.ts'
import { setDataDir } from '../../data/index.ts'
import { type PlannedTrial, readStudy } from '../../hpo/index.ts'
import type { Store } from '../../store/index.ts'
import type { Config } from '../../train/index.ts'
import type { AblationJob, StudySurroundings } from '../study.ts'

/** Three differences are the fewest that an interval says something of. */
const defaultSeeds = 3

export interface LivePlan {
  /** Grows when a base trial meets components that were not known. */
  readonly plan: PlannedTrial[]
  /** Tells which components of one's own a trial met; true where the plan has grown by that. */
  met(components: readonly string[]): boolean
}

/** @throws ABLATION_UNKNOWN, ABLATION_LABEL, ABLATION_LAYER, ABLATION_FEATURES, ABLATION_AMBIGUOUS, ABLATION_NOTHING */
export async function ablationPlan(job: AblationJob, config: Config, { store, watcher }: StudySurroundings): Promise<LivePlan> {
  const { training, components, pairs = false, seeds: count = defaultSeeds, seed = 0 } = job
  if (!Number.isInteger(count) || count < 1) throw fail('BAD_OPTION', 'ablation', 'seeds', count, 'a whole number, at least 1')
  const seeds = Array.from({ length: count }, (_, i) => seed + i)
  if (job.dataDir !== undefined) setDataDir(job.dataDir)
  const found = await componentsOf(training, config)
  const chosen = components === undefined ? everyComponent(found) : resolveComponents(components, found)
  if (components === undefined) for (const note of found.notes) watcher.say(note)
  const { asked, known } = await before(store, job.study)
  const plan = [...asked]
  const add = (trials: readonly PlannedTrial[]) => {
    const there = new Set(plan.map(keyOf))
    plan.push(...trials.filter((trial) => !there.has(keyOf(trial))))
  }
  // A training that has nothing but components of its own, which its base trials will meet.
  const base = seeds.map((one) => ({ without: [], seed: one }))
  add(chosen.length === 0 ? base : planAblation({ components: chosen, pairs, seeds }))
  const grow = (names: readonly string[]) => {
    const length = plan.length
    if (components !== undefined || names.length === 0) return false
    add(planAblation({ components: [...new Set([...chosen, ...everyComponent(withMet(found, names))])], pairs, seeds }))
    return plan.length > length
  }
  grow(known)
  return { plan, met: grow }
}

/** What a study that goes on has asked for already, and which components its trials have met. */
async function before(store: Store, study: string | undefined): Promise<{ asked: PlannedTrial[]; known: readonly string[] }> {
  if (study === undefined || !(await store.runs({ mode: 'ablation' })).some(({ id }) => id === study)) return { asked: [], known: [] }
  const { trials, met: known = [] } = await readStudy(store, study)
  return { asked: trials.map(({ without = [], seed }) => ({ without, seed })), known }
}

function keyOf({ without, seed }: PlannedTrial): string {
  return `${[...without].sort().join('\n')}\n${seed}`
}
