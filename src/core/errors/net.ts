/** Errors of the room 'net'. */
export const errors = {} as const
