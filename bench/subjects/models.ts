/** The workloads' models with tutti's layers, and where their first weights go. */
import { nn, optim } from '../../src/index.ts'
import { reals, sizeOf } from '../lib/values.ts'
import type { Workload } from '../lib/workload.ts'

export function modelOf({ model }: Workload) {
  switch (model.kind) {
    case 'mlp': {
      const last = model.sizes.length - 1
      const dense = (i: number) => {
        const layer = { units: model.sizes[i] as number, name: `dense${i}` }
        return nn.dense(i === last ? layer : { ...layer, activation: 'relu' })
      }
      return nn.sequential(Array.from({ length: last }, (_, i) => dense(i + 1)))
    }
    case 'cnn': {
      const conv = (i: number) =>
        nn.conv2d({
          filters: model.channels[i] as number,
          kernel: model.kernel,
          padding: 'same',
          activation: 'relu',
          name: `conv${i}`,
        })
      return nn.sequential([
        conv(1),
        nn.maxPool2d(),
        conv(2),
        nn.maxPool2d(),
        nn.flatten(),
        nn.dense({ units: model.units, activation: 'relu', name: 'dense1' }),
        nn.dense({ units: 10, name: 'dense2' }),
      ])
    }
    case 'gru':
      return nn.sequential([nn.gru({ units: model.units, name: 'gru' }), nn.dense({ units: 10, name: 'dense' })])
    case 'transformer': {
      const { vocabulary, width, heads, hidden, context, layers } = model
      return nn.sequential([
        nn.embedding({ tokens: vocabulary, width, name: 'tokens' }),
        nn.positionalEmbedding({ length: context, name: 'positions' }),
        ...Array.from({ length: layers }, (_, i) => nn.transformerBlock({ heads, hidden, causal: true, name: `block${i + 1}` })),
        nn.layerNorm({ name: 'norm' }),
        nn.dense({ units: vocabulary, name: 'head' }),
      ])
    }
    default:
      throw new Error(`no such model: ${JSON.stringify(model satisfies never)}`)
  }
}

export function optimizerOf({ optimizer, learningRate }: Workload) {
  return optim[optimizer]({ learningRate })
}

/** The workload's first weights by tutti's names, in tutti's order of numbers. */
export function weightsOf({ params }: Workload): Map<string, Float32Array> {
  return new Map(
    params.map(({ name, seed, shape, center, bound }) => {
      const values = reals(seed, sizeOf(shape), center, bound)
      const turned = name === 'gru.input' || name === 'gru.hidden'
      return [tuttiName(name), turned ? transposed(values, shape as [number, number]) : values]
    }),
  )
}

const renamed: Readonly<Record<string, string>> = {
  'gru.input': 'gru.weight',
  'gru.hidden': 'gru.recurrentWeight',
  'gru.inputBias': 'gru.bias',
  'gru.hiddenBias': 'gru.recurrentBias',
  tokens: 'tokens.weight',
  positions: 'positions.weight',
}

const parts: Readonly<Record<string, string>> = {
  norm1: 'attention.norm',
  qkv: 'attention.heads.projection',
  projection: 'attention.heads.output',
  norm2: 'feedForward.norm',
  expand: 'feedForward.dense.hidden',
  contract: 'feedForward.dense.output',
}

function tuttiName(name: string): string {
  const [block, part, rest] = name.split('.')
  return rest === undefined ? (renamed[name] ?? name) : `${block}.${parts[part as string]}.${rest}`
}

function transposed(values: Float32Array, [rows, columns]: readonly [number, number]): Float32Array {
  const turned = new Float32Array(values.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j] as number
  return turned
}
