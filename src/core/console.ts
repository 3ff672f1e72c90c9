/** The only place that names the console's streams; rooms get a `Terminal` handed in. */
export interface Terminal {
  /** What the command was asked for; ends with a line break. */
  out(text: string): void
  /** Progress, warnings, errors. */
  err(text: string): void
  /** Whether `err` is a terminal that can redraw a line, and how wide it is. */
  readonly interactive: boolean
  readonly columns: number
  /** Lines of that terminal, where it is one. */
  readonly rows?: number
  readonly color: boolean
  /** Whether `out` is a terminal that shows colors. */
  readonly outColor: boolean
}

const colorful = (stream: { isTTY?: boolean }) => stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get interactive() {
    return process.stderr.isTTY === true && process.env.TERM !== 'dumb'
  },
  get columns() {
    return process.stderr.columns || process.stdout.columns || 80
  },
  get rows() {
    return process.stderr.rows || 24
  },
  get color() {
    return colorful(process.stderr)
  },
  get outColor() {
    return colorful(process.stdout)
  },
}

/** Keeps what was written, for tests. */
export function memoryTerminal(options: { columns?: number; interactive?: boolean } = {}): Terminal & { stdout: string; stderr: string } {
  return {
    stdout: '',
    stderr: '',
    out(text) {
      this.stdout += text
    },
    err(text) {
      this.stderr += text
    },
    interactive: options.interactive ?? false,
    columns: options.columns ?? 80,
    color: false,
    outColor: false,
  }
}
