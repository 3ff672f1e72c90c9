/** Errors of search spaces, studies, samplers and pruners. */
export const errors = {
  SPACE_EMPTY: () =>
    'The search space is empty, so there is nothing to search. Give the training a space: training({ ..., space: { learningRate: space.logUniform(1e-4, 1) } }).',
  SPACE_INVALID: (name: string, problem: string) => `In the search space, '${name}' ${problem}.`,
  SPACE_UNSATISFIABLE: (draws: number) =>
    `The search space's constraint held for none of ${draws} points drawn at random. Loosen it, or narrow the dimensions it is about.`,
  SAMPLER_UNFIT: (sampler: string, reason: string) => `The sampler '${sampler}' cannot be used here: ${reason}.`,
} as const
