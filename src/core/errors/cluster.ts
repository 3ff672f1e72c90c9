/** Errors of the room 'cluster'. */
export const errors = {} as const
