/** The top of the page: what study this is, how far it is, and the best of it. */
import type { PageObjective, PageTrial } from '../pageData.ts'
import { copyButton, h, s, selectOf } from './dom.ts'
import { commandOf, cut, formatCounted, formatSpan, formatTime, formatValue, valueText } from './format.ts'
import type { Page } from './section.ts'
import { colorOf, type State, states, symbolOf } from './view.ts'

export function header(page: Page): HTMLElement {
  const { facts, objectives, trials } = page.view.data
  const goal = objectives.map(({ metric, direction }) => `${direction} ${metric}`).join(', ')
  return h(
    'header',
    {},
    h('div', { class: 'title' }, h('h1', {}, facts.id), h('span', { class: `status ${facts.status}` }, facts.status), waitingOf(page)),
    h(
      'p',
      { class: 'subtitle' },
      `${facts.mode === 'study' ? 'A study' : facts.mode === 'ablation' ? 'An ablation' : facts.mode} of `,
      h('b', {}, facts.name),
      goal && ` to ${goal}`,
    ),
    h('div', { class: 'tiles' }, ...bestTiles(page), trialsTile(page), timeTile(page)),
    ...(objectives.length > 1
      ? [
          selectOf(
            'Charts of one objective show',
            objectives.map(({ metric }, i) => ({ value: String(i), text: cut(metric, 40) })),
            String(page.view.objective),
            (value) => {
              page.view.objective = Number(value)
              page.refresh()
            },
          ),
        ]
      : []),
    factsOf(page),
    trials.length === 0 && h('p', { class: 'empty' }, 'No trial was begun yet.'),
  )
}

function waitingOf({ view }: Page): HTMLElement | undefined {
  const { waiting, status } = view.data.facts
  return status === 'running' && waiting !== undefined ? h('span', { class: 'status' }, `waiting ${waiting}`) : undefined
}

function baseTile({ metric, ablation }: PageObjective): HTMLElement {
  const seeds = ablation?.seeds ?? 0
  const text = seeds === 0 ? 'No trial with everything has finished.' : `Mean of ${formatCounted(seeds, 'seed')}.`
  return h(
    'div',
    { class: 'tile' },
    h('h2', {}, `${cut(metric, 30)} with everything`),
    h('p', { class: 'big' }, formatValue(ablation?.base)),
    h('p', {}, text),
  )
}

function bestTiles(page: Page): HTMLElement[] {
  const { objectives, trials, front } = page.view.data
  const tiles = objectives.flatMap((objective, i) => {
    if (objective.ablation) return [baseTile(objective)]
    const trial = trials.find(({ number }) => number === objective.best)
    return trial === undefined ? [] : [bestTile(trial, objective, i, page)]
  })
  const none = h(
    'div',
    { class: 'tile' },
    h('h2', {}, 'Best'),
    h('p', { class: 'big' }, '–'),
    h('p', {}, 'No trial has finished with a value.'),
  )
  if (objectives.length < 2 || objectives[0]?.ablation || tiles.length === 0) return tiles.length > 0 ? tiles : [none]
  return [
    ...tiles,
    h(
      'div',
      { class: 'tile' },
      h('h2', {}, 'Best trade-offs'),
      h('p', { class: 'big' }, front.length),
      h('p', {}, 'No other trial is as good in every objective.'),
    ),
  ]
}

function bestTile(trial: PageTrial, { metric }: PageObjective, index: number, { view, pick }: Page): HTMLElement {
  const line = h('code', {}, commandOf(trial, view.data))
  const alone = view.data.objectives.length === 1
  return h(
    'div',
    { class: alone ? 'tile wide' : 'tile' },
    h('h2', {}, `Best ${cut(metric, 30)}`),
    h(
      'p',
      { class: 'big' },
      valueText(trial, index),
      h('button', { class: 'link', onclick: () => pick(trial.number) }, `trial ${trial.number}`),
    ),
    alone ? h('div', { class: 'command' }, line, copyButton(line)) : h('p', {}, 'Click it for its config.'),
  )
}

/** Counts by state, which are also the switches that hide states. */
function trialsTile(page: Page): HTMLElement {
  const { trials, facts } = page.view.data
  const counts = states
    .map((state) => [state, trials.filter((trial) => trial.state === state).length] as const)
    .filter(([, count]) => count > 0)
  const ended = trials.filter(({ state }) => !['waiting', 'running', 'preempted'].includes(state)).length
  const wanted = facts.wantedTrials !== undefined && facts.wantedTrials !== ended ? ` of ${formatValue(facts.wantedTrials)}` : ''
  return h(
    'div',
    { class: 'tile' },
    h('h2', {}, 'Trials ended'),
    h('p', { class: 'big' }, formatValue(ended), wanted && h('small', {}, wanted)),
    h(
      'div',
      { class: 'stack', 'aria-hidden': 'true' },
      ...counts.map(([state, count]) => h('span', { style: `flex: ${count}; background: ${colorOf(state)}` })),
    ),
    h('div', { class: 'chips' }, ...counts.map(([state, count]) => chip(state, count, page))),
  )
}

function chip(state: State, count: number, page: Page): HTMLElement {
  const { hidden } = page.view
  const button = h(
    'button',
    { class: 'chip', 'aria-pressed': String(!hidden.has(state)), title: `Show or hide ${state} trials`, onclick: toggle },
    symbolIcon(state),
    `${count} ${state}`,
  )
  function toggle() {
    if (!hidden.delete(state)) hidden.add(state)
    button.setAttribute('aria-pressed', String(!hidden.has(state)))
    page.refresh()
  }
  return button
}

/** The shape of a state, as charts draw it. */
function symbolIcon(state: State): SVGElement {
  const chart = Plot.plot({
    ...{ width: 14, height: 14, margin: 0, axis: null, x: { domain: [-1, 1] }, y: { domain: [-1, 1] } },
    marks: [
      Plot.dot([0], {
        ...{ x: () => 0, y: () => 0, r: 4, symbol: symbolOf[state], stroke: colorOf(state), strokeWidth: 1.8 },
        fill: ['finished', 'failed', 'lost', 'preempted'].includes(state) ? colorOf(state) : 'none',
      }),
    ],
  })
  return s('svg', { width: 14, height: 14, 'aria-hidden': 'true' }, ...chart.children)
}

function timeTile({ view }: Page): HTMLElement {
  const { facts } = view.data
  const wall = (facts.ended ?? facts.made) - facts.created
  return h(
    'div',
    { class: 'tile' },
    h('h2', {}, 'Time worked'),
    h('p', { class: 'big' }, formatSpan(facts.busy)),
    h('p', {}, `${facts.workers === 0 ? 'As many workers as have room' : formatCounted(facts.workers, 'worker')}, ${facts.engine}`),
    wall > 1.05 * facts.busy && h('p', {}, `${formatSpan(wall)} from beginning to ${facts.ended === undefined ? 'now' : 'end'}`),
  )
}

function factsOf({ view }: Page): HTMLElement {
  const { facts } = view.data
  const rows: [string, string][] = [
    ...(facts.file === undefined ? [] : [['file', facts.file] as [string, string]]),
    ['sampler', facts.sampler],
    ['pruner', facts.pruner],
    ...(facts.folds === undefined ? [] : [['folds', facts.folds] as [string, string]]),
    ['seed', String(facts.seed)],
    ['begun', formatTime(facts.created)],
    ...(facts.ended === undefined ? [] : [['ended', formatTime(facts.ended)] as [string, string]]),
    ['page made', `${formatTime(facts.made)} by tutti ${facts.version}`],
  ]
  return h('dl', { class: 'facts' }, ...rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))
}

/** What was picked, at the foot of the window: its config as a command. */
export function pickedBar({ view, pick }: Page): HTMLElement | undefined {
  const { trials, objectives, facts } = view.data
  const trial = trials.find(({ number }) => number === view.picked)
  if (trial === undefined) return undefined
  const line = h('code', {}, commandOf(trial, view.data))
  const values = objectives.map(({ metric }, i) => `${cut(metric, 30)} ${valueText(trial, i)}`).join(' · ')
  return h(
    'aside',
    { class: 'picked-bar', 'aria-label': 'the marked trial' },
    h('b', {}, `Trial ${trial.number}`),
    h('span', { class: 'state', style: `--state: ${colorOf(trial.state)}` }, trial.state),
    h('span', {}, values),
    trial.error !== undefined && h('span', { class: 'error' }, cut(trial.error, 160)),
    // What an ablation took away, no setting takes away.
    facts.mode === 'ablation'
      ? h('span', {}, trial.without?.length ? `without ${trial.without.join(' & ')}` : 'with everything')
      : h('div', { class: 'command' }, line, copyButton(line)),
    h('button', { class: 'small', onclick: () => pick(undefined), 'aria-label': 'Unmark' }, '✕'),
  )
}
