/** A model card: what a model is, how good, made of what, and how to use it. */
import { basename } from 'node:path'
import type { RunRecord } from '../store/index.ts'
import type { Signature } from './signature.ts'

/** Markdown with the front matter that model hubs read. */
export function modelCard(run: RunRecord, signature: Signature): string {
  const { name, inputs, output, target, config, metrics, encoding, estimator } = signature
  const list = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values)
      .map(([key, value]) => `| ${cell(key)} | ${cell(shown(value))} |`)
      .join('\n')
  const types = [
    ...inputs.map((input) => `| input | \`${input.name}\` | ${input.dtype} | ${sizes(input.shape)} | ${meaningOf(input)} |`),
    `| output | \`${output.name}\` | ${output.dtype} | ${sizes(output.shape)} | ${meaningOfOutput(signature)} |`,
  ]
  return `---
library_name: tutti
tags: [tutti, onnx]
model-index:
  - name: ${JSON.stringify(name)}
---

# ${name}

Trained by tutti ${signature.tutti} as run \`${run.id}\`.

## Results

${Object.keys(metrics).length > 0 ? `| metric | value |\n|---|---|\n${list(metrics)}` : 'The training function reported no metrics.'}

As reported by the training function, on the data it chose for that.

## Inputs and outputs

| | name | type | shape | meaning |
|---|---|---|---|---|
${types.join('\n')}
${target?.classes ? `\nClasses of \`${target.name}\`, in the order of the outputs: ${classList(target.classes)}.\n` : ''}${
  encoding
    ? `\nThe inputs are made of the columns ${encoding.features.map(({ column }) => `\`${column}\``).join(', ')}; \`model.json\` says how.\n`
    : ''
}
## Use

\`\`\`sh
tutti predict model.onnx --input FILE
\`\`\`

\`\`\`python
import onnxruntime
session = onnxruntime.InferenceSession("model.onnx")
(outputs,) = session.run(None, {${inputs.map((input) => `"${input.name}": ${input.name}`).join(', ')}})
\`\`\`

${estimator ? '`estimator.json` holds all that was learned' : '`model.safetensors` holds the weights alone'}, \`model.json\` what is said here for programs.

## Training

| | |
|---|---|
${list(trainingFacts(run))}

Config:

| key | value |
|---|---|
${list(config)}
${estimator ? `\nParameters of the ${estimator.name}:\n\n| parameter | value |\n|---|---|\n${list(estimator.params)}\n` : ''}`
}

function meaningOfOutput({ output, target }: Signature): string {
  if (output.gives) return output.gives === 'probabilities' ? 'one probability a class' : 'the value'
  return target?.classes ? 'one logit a class' : ''
}

function trainingFacts({ id, created, ended, seed, file, facts = {} }: RunRecord): Record<string, unknown> {
  const git = facts.git as { commit?: string; dirty?: boolean } | undefined
  return {
    run: id,
    began: new Date(created).toISOString(),
    ...(ended !== undefined && { seconds: ((ended - created) / 1000).toFixed(1) }),
    seed,
    ...(file !== undefined && { 'training file': basename(file) }),
    ...(git?.commit && { commit: `${git.commit}${git.dirty ? ' with uncommitted changes' : ''}` }),
    ...Object.fromEntries(['os', 'cpu', 'node', 'threads'].flatMap((key) => (facts[key] === undefined ? [] : [[key, facts[key]]]))),
  }
}

function meaningOf({ stored, names }: Signature['inputs'][number]): string {
  const scaled = stored && (stored.scale !== 1 || stored.offset !== 0)
  if (scaled) return `${stored.dtype} × ${Number(stored.scale.toPrecision(6))}${stored.offset === 0 ? '' : ` + ${stored.offset}`}`
  return names ? `${names.length} features, named in model.json` : ''
}

function sizes(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`
}

function classList(classes: readonly string[]): string {
  const some = classes.slice(0, 50).map((name) => `\`${name}\``)
  return `${some.join(', ')}${classes.length > some.length ? `, and ${classes.length - some.length} more` : ''}`
}

function shown(value: unknown): string {
  if (typeof value === 'object') return JSON.stringify(value)
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
