/** Errors of the store room. */
export const errors = {} as const
