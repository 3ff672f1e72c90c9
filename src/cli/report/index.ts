/** A study as one HTML file that opens offline and asks no network. */
import { createHash } from 'node:crypto'
import type { StudyRecord } from '../../hpo/index.ts'
import { type PageMaking, pageData } from './data.ts'
import { libraries, pageScript } from './script.ts'
import { style } from './style.ts'

export type StudyPageOptions = Pick<PageMaking, 'now' | 'version' | 'scaling'> & {
  /** How the program is called in commands that the page suggests. */
  readonly program?: string
}

/**
 * The page of a study, whole: history, what mattered, parallel coordinates, slices, learning curves, a timeline of its workers,
 * and the table of trials. All it needs is in it, also the plotting library. Its policy forbids every request and every script
 * but its own (by their hashes); what users named stands in it as data only.
 *
 * @example `writeAtomic('study.html', studyPage(await readStudy(store, 'last'), { now: clock.now(), version }))`
 */
export function studyPage(study: StudyRecord, { now, version, program = 'tutti', scaling }: StudyPageOptions): string {
  const data = JSON.stringify(pageData(study, { now, version, program, ...(scaling && { scaling }) }))
  const scripts = [...libraries(), pageScript()].map(checkedScript)
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  // Plot puts a style element beside each chart, so styles cannot be told by hashes.
  const policy = `default-src 'none'; script-src ${hashes.join(' ')}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tutti ${escaped(version)}">
<title>${escaped(study.id)} · tutti</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript><p class="noscript">This page draws itself with a script of its own, and scripts are off.</p></noscript>
<main id="page"></main>
<script type="application/json" id="data">${data.replaceAll('<', '\\u003c')}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** An end tag inside a script would end it. */
function checkedScript(script: string): string {
  return script.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--')
}
