import { formatBytes } from '../bytes.ts'

/** Errors of the room 'cluster'. */
export const errors = {
  CLUSTER_TRANSPORT: (engine: string, transport: string) =>
    `Workers of the engine '${engine}' cannot be reached through the transport '${transport}', which does not leave its thread. Use 'unix' or 'tcp'.`,
  CLUSTER_PROGRAM: (program: string, why: string) =>
    `${program} is no worker program: ${why}. Its default export must be a function of a connection and a host.`,
  FILES_REFUSED: (path: string, why: string) =>
    `${path} cannot be sent to this node: it ${why}. Name the folder that it is really in, or put it where every node sees it under the same path.`,
  FILES_LOST: (path: string, why: string) =>
    `${path} is not on this node and could not be fetched from the driver: ${why}. See whether the driver still runs, and whether its port can be reached from here.`,
  FILES_CHANGED: (path: string, why: string) =>
    `${path} could not be fetched whole from the driver: ${why}, each time again. Let it be while the study runs: all nodes shall see the same.`,
  FILES_NO_ROOM: (folder: string, bytes: string, free: string) =>
    `The folder ${folder} of this node has no room for ${bytes} of data that were to be fetched (${free}). Free some, or name another folder for the cache.`,
  FILES_CACHE: (folder: string, why: string) =>
    `The folder ${folder} of this node, in which fetched data are kept, cannot be used: ${why}. Name one that the workers may write.`,
  SHIP_IMPORT: (where: string, problem: string, advice: string) => `${where} ${problem}. ${advice}`,
  SHIP_NATIVE: (name: string, platform: string, advice: string) =>
    `'${name}' has no build for ${platform}, which the workers run on. ${advice}`,
  SHIP_TOO_LARGE: (what: string, size: string, limit: number, largest: readonly (readonly [name: string, bytes: number])[]) =>
    `The ${what} are ${size}, and a cluster takes ${formatBytes(limit)} zipped. The largest, unpacked: ${largest.map(([name, bytes]) => `${name} (${formatBytes(bytes)})`).join(', ')}. Import less, or keep data where every node can read it.`,
  SHIP_CHANGED: (path: string) => `${path} was changed while it was being sent to the workers. Start again.`,
} as const
