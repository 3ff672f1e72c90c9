/** Errors of tracing, checking and compiling graphs. */
export const errors = {
  SHAPE_MISMATCH: (where: string, got: string, want: string) => `${where} got ${got} but needs ${want}.`,
  DTYPE_MISMATCH: (where: string, got: string, want: string) =>
    `${where} got dtype ${got} but needs ${want}. Convert it with ops.cast first.`,
  NOT_DIFFERENTIABLE: (op: string) =>
    `The loss depends on a parameter through '${op}', which has no gradient. Use a differentiable operator, or stop the gradient with ops.stopGradient.`,
  GRAPH_INVALID: (pass: string, problem: string) => `The graph is not valid after '${pass}': ${problem}.`,
  FEED_MISSING: (name: string, known: Iterable<string>) => `The graph's input '${name}' was not given. It needs: ${[...known].join(', ')}.`,
  FEED_MISMATCH: (name: string, got: string, want: string) => `Input '${name}' got ${got} but the graph needs ${want}.`,
  RUNTIME_MISSING: (runtime: string, why: string) => `The runtime '${runtime}' cannot be loaded here: ${why}.`,
  RUNTIME_FAILED: (runtime: string, why: string) => `The runtime '${runtime}' failed: ${why}.`,
  NAME_TAKEN: (name: string) => `The model has two parts named '${name}'. Give one of them another name.`,
} as const
