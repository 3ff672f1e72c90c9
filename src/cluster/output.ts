/** What a worker writes to its standard output and error: passed on in whole lines, the last of it kept for when it dies. */
export interface LastWords {
  hear(text: string): void
  /** Passes on a line that was never ended. */
  flush(): void
  /** The last lines. */
  readonly text: string
  /** The line that is most likely to tell why it died, or nothing. */
  readonly telling: string | undefined
}

export function lastWords(onLines: (text: string) => void): LastWords {
  let kept = ''
  let open = ''
  const pass = (text: string) => {
    kept = (kept + text).slice(-mostKept)
    onLines(text)
  }
  const lines = () => kept.trimEnd().split('\n').slice(-mostLines)
  return {
    hear(text) {
      open += text
      const end = open.lastIndexOf('\n') + 1
      if (end === 0 && open.length < mostKept) return
      const cut = end || open.length
      const whole = open.slice(0, cut)
      open = open.slice(cut)
      pass(whole)
    },
    flush() {
      if (open !== '') pass(`${open}\n`)
      open = ''
    },
    get text() {
      return lines().join('\n')
    },
    get telling() {
      const said = lines()
      return (said.findLast((line) => /\b(FATAL|[A-Z]\w*Error)\b/.test(line)) ?? said.at(-1))?.trim() || undefined
    },
  }
}

/** Characters; a stack trace or two. */
const mostKept = 8192
const mostLines = 40
