/** What the pictures of this room have in common. */

/** Colours of classes, told apart also by those who see few; more than these are drawn from the circle of hues. */
const colours = ['#4b83c4', '#e08e2b', '#0f9d74', '#d1495b', '#8f63c7', '#a07a3c', '#d26fb1', '#7d8796', '#9aa82e', '#2aa5bd']

export function colourOf(k: number): string {
  return colours[k] ?? hex(Array.from({ length: 3 }, (_, i) => 150 + 70 * Math.cos(k * 2.4 + (i * 2 * Math.PI) / 3)))
}

/** A colour thinned with white: 0 is white, 1 the colour itself. */
export function tint(colour: string, strength: number): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  return hex(parts.map((part) => 255 - (255 - part) * Math.min(1, Math.max(0, strength))))
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

export function at(value: number): string {
  return String(Number(value.toFixed(1)))
}

export function escaped(text: string): string {
  return unprintable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Signs that XML cannot hold at all, not even escaped, are shown as one that stands for them. */
function unprintable(text: string): string {
  return Array.from(text, (sign) => {
    const code = sign.codePointAt(0) as number
    const held =
      code === 9 || code === 10 || code === 13 || (code >= 32 && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff)
    return held ? sign : '\u{fffd}'
  }).join('')
}
