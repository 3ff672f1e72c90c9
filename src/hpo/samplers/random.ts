import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'

/** Each point drawn from the space, apart from all others. Bergstra and Bengio, Random Search for Hyper-Parameter Optimization (JMLR 2012). */
export function random(): Sampler {
  return {
    name: 'random',
    multiObjective: true,
    blind: true,
    begin: ({ space }, chance) => ({ ask: (number) => point(space.sample(chance.fork('ask', number))) }),
  }
}
