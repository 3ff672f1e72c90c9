/** Errors of the room 'ablation'. */
export const errors = {} as const
