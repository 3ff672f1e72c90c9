/** The skeleton of a script: what is code in it, and what only looks like it. */

export interface Mask {
  /** As long as the script: comments, and what is in strings, templates and regular expressions, are blanks; quotes stay. */
  readonly code: string
  /** Whether a place is in the block of a `try`. */
  tried(at: number): boolean
}

/**
 * Blanks out what is no code. It tells a regular expression from a division by what stands before it, as editors do: wrong only
 * after `)` of an `if`, and after `}` of an object.
 */
export function maskOf(text: string): Mask {
  const out = [...blank(text)]
  const tries: [number, number][] = []
  /** Open braces: of a template, of a try, or any other; with where they begin. */
  const open: { kind: 'template' | 'try' | 'block'; at: number }[] = []
  let before = ''
  let at = 0
  const keep = (from: number, to = from + 1) => {
    for (let i = from; i < to; i++) out[i] = text[i] as string
  }

  const template = () => {
    for (; at < text.length; at++) {
      if (text[at] === '\\') at++
      else if (text[at] === '`') {
        keep(at++)
        before = '`'
        return
      } else if (text[at] === '$' && text[at + 1] === '{') {
        keep(at, at + 2)
        open.push({ kind: 'template', at })
        at += 2
        before = '{'
        return
      }
    }
  }
  const quoted = (quote: string) => {
    keep(at++)
    while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
    if (text[at] === quote) keep(at++)
    before = quote
  }
  const regex = () => {
    let inClass = false
    for (at++; at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/'); at++) {
      if (text[at] === '\\') at++
      else if (text[at] === '[') inClass = true
      else if (text[at] === ']') inClass = false
    }
    at++
    before = ')'
  }
  const word = /[\w$]+/y

  while (at < text.length) {
    const char = text[at] as string
    const next = text[at + 1]
    if (char === '/' && next === '/') at = ends(text, '\n', at)
    else if (char === '/' && next === '*') at = ends(text, '*/', at + 2) + 2
    else if (char === '"' || char === "'") quoted(char)
    else if (char === '`') {
      keep(at++)
      template()
    } else if (char === '/' && startsRegex(before)) regex()
    else if (/[\w$]/.test(char)) {
      word.lastIndex = at
      const found = (word.exec(text) as RegExpExecArray)[0]
      keep(at, at + found.length)
      at += found.length
      before = found
    } else {
      keep(at)
      if (char === '{') open.push({ kind: before === 'try' ? 'try' : 'block', at })
      at++
      if (char === '}') {
        const closed = open.pop()
        if (closed?.kind === 'try') tries.push([closed.at, at])
        if (closed?.kind === 'template') template()
        else before = char
      } else if (char.trim() !== '') before = char
    }
  }
  return { code: out.join(''), tried: (place) => tries.some(([from, to]) => from < place && place < to) }
}

function blank(text: string): string[] {
  return Array.from({ length: text.length }, (_, i) => (text[i] === '\n' ? '\n' : ' '))
}

function ends(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from)
  return found === -1 ? text.length : found
}

const beforeRegex = /^(return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|yield|await|[^\w$)\]'"`])$/
function startsRegex(before: string): boolean {
  return before === '' || beforeRegex.test(before)
}
