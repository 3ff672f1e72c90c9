/** Errors of the train room. */
export const errors = {} as const
