/** Errors of the data room. */
export const errors = {} as const
