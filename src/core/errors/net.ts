/** Errors of the room 'net'. */
export const errors = {
  NET_LISTEN: (where: string, why: string, advice: string) =>
    `No other process could be told where to call: listening ${where} failed (${why}). ${advice}, or use another transport.`,
  NET_UNREACHABLE: (address: string, seconds: number, why: string) =>
    `Nobody could be reached at ${address} for ${seconds} s (${why}). See whether the process that should listen there is still running.`,
  NET_REFUSED: (address: string, why: string) =>
    `The connection with ${address} was refused: ${why}. Both sides must be started by the same program, with the same token.`,
  NET_VERSION: (address: string, theirs: number, ours: number) =>
    `${address} speaks version ${theirs} of the protocol, and this program version ${ours}. Use the same version of tutti on both sides.`,
  NET_ADDRESS: (address: string, want: string) => `'${address}' is no address that can be called. ${want}.`,
  NET_CERTIFICATE: (why: string) =>
    `The certificate cannot be used: ${why}. Give a certificate and the private key that belongs to it, both as PEM, or leave it out.`,
  NET_MESSAGE: (why: string) => `A message could not be sent: ${why}. Send less at once, and plain data only.`,
} as const
