/** Errors of the room 'cluster'. */
export const errors = {
  CLUSTER_TRANSPORT: (engine: string, transport: string) =>
    `Workers of the engine '${engine}' cannot be reached through the transport '${transport}', which does not leave its thread. Use 'unix' or 'tcp'.`,
  CLUSTER_PROGRAM: (program: string, why: string) =>
    `${program} is no worker program: ${why}. Its default export must be a function of a connection and a host.`,
} as const
