/** Errors of the engine 'ray'. */
export const errors = {
  RAY_UNREACHABLE: (address: string, why: string) =>
    `Nobody answers as Ray at ${address}: ${why}. Give the address of Ray's dashboard with --ray-address, and look whether a firewall is between.`,
  RAY_NOT_RAY: (address: string) =>
    `What answers at ${address} is not Ray's dashboard with its Jobs API. Ray prints its address when the head is started; the head needs 'ray[default]'.`,
  RAY_TOKEN: (address: string, given: boolean) =>
    `Ray at ${address} ${given ? 'does not accept the token' : 'wants a token'}. Give the file that holds it with --ray-token-file, or set RAY_AUTH_TOKEN.`,
  RAY_TOKEN_FILE: (path: string, why: string) =>
    `The token of Ray cannot be read from '${path}': ${why}. It is to hold the token and nothing else.`,
  RAY_VERSION: (address: string, version: string, least: string) =>
    `Ray at ${address} is ${version}, and tutti needs ${least} or newer. Install it on all nodes: pip install 'ray[default]'.`,
  RAY_REFUSED: (address: string, what: string, status: number, why: string) =>
    `Ray at ${address} answers ${status} to ${what}: ${why || 'it does not say why'}.`,
  RAY_JOB: (address: string, job: string, why: string) =>
    `The job '${job}' on Ray at ${address} did not start: ${why}. Its log is on the dashboard; 'tutti cluster check' looks at each node.`,
  RAY_DRIVER_UNREACHABLE: (address: string, why: string) =>
    `Ray's head cannot reach this machine at ${address}: ${why}. Give an address that all nodes reach with --driver-address HOST:PORT, and open that port in the firewall.`,
  RAY_SHORT: (address: string, need: string, nodes: number, why: string) =>
    `A worker needs ${need}, and of the ${nodes} ${nodes === 1 ? 'node' : 'nodes'} of Ray at ${address} ${why}. Ask for less with --cpus-per-worker, --memory-per-worker or --resources, or add nodes.`,
} as const
