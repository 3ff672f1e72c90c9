/** Elements made of plain values. What users named becomes text, never markup. */

type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>
type Child = Node | string | number | undefined | false

/** `h('button', { class: 'chip', onclick: () => {} }, 'pruned')` */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return withParts(document.createElement(tag), attributes, children)
}

/** The same in an SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return withParts(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function withParts<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) {
    if (child === undefined || child === false) continue
    element.append(child instanceof Node ? child : String(child))
  }
  return element
}

export interface Choice {
  readonly value: string
  readonly text: string
}

/** A small select with a word before it. */
export function selectOf(label: string, choices: readonly Choice[], chosen: string, choose: (value: string) => void): HTMLElement {
  const select = h('select', { onchange: () => choose(select.value) }, ...choices.map(({ value, text }) => h('option', { value }, text)))
  select.value = chosen
  return h('label', { class: 'control' }, label, select)
}

export function toggleOf(label: string, on: boolean, change: (on: boolean) => void): HTMLElement {
  const box = h('input', { type: 'checkbox', onchange: () => change(box.checked) })
  box.checked = on
  return h('label', { class: 'control' }, box, label)
}

/** A button that copies a line; where the browser does not let it, the line is selected. */
export function copyButton(line: HTMLElement): HTMLElement {
  const button = h('button', { class: 'small', onclick: copy }, 'Copy')
  async function copy() {
    try {
      await navigator.clipboard.writeText(line.textContent ?? '')
      button.textContent = 'Copied'
      setTimeout(() => (button.textContent = 'Copy'), 1500)
    } catch {
      getSelection()?.selectAllChildren(line)
    }
  }
  return button
}
