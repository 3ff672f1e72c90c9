import { suggest } from '../suggest.ts'

/** Errors of the room 'ablation'. */
export const errors = {
  COMPONENT_NAME: (name: string) =>
    `A component cannot be named '${name}': a name is letters, digits, '.', '_' and '-', such as component('augmentation', ...).`,
  ABLATION_UNKNOWN: (where: string, name: string, known: Iterable<string>, hint?: string) =>
    `${where} no '${name}' that could be taken away. ${suggest(name, known)}${hint === undefined ? '' : ` ${hint}`}`,
  ABLATION_AMBIGUOUS: (name: string, readings: readonly string[]) =>
    `'${name}' could mean ${readings.length} things. Say which: ${readings.join(' or ')}.`,
  ABLATION_SYNTAX: (text: string, problem: string) =>
    `'${text}' does not name a component: ${problem}. Write feature:age, layer:hidden1, own:augmentation, a group feature:age+sex or layer:block*.`,
  ABLATION_LABEL: (name: string) =>
    `'${name}' is what the model is to predict, so it cannot be taken away. Name a feature that it learns from.`,
  ABLATION_FEATURES: (name: string, dataset: string) =>
    `'${name}' is all that the model sees of ${dataset}, so nothing would be left to learn from. Take away less.`,
  ABLATION_LAYER: (name: string, reason: string) => `The layer '${name}' cannot be taken away: ${reason}`,
  ABLATION_NOTHING: (why: string) => `There is nothing to take away: ${why}.`,
} as const
