/** gru and lstm: what a sequence leaves in a memory that is rewritten at each step. */
import { checkOptions } from '../../core/registry.ts'
import { ops, type Value } from '../../graph/index.ts'
import { tensor } from '../../tensor/index.ts'
import { define, expectFloat, type Named, sizeAt } from '../define.ts'
import { type InitializerOption, initializerOf } from '../initializer.ts'
import type { Initializer, Layer, Scope } from '../layer.ts'
import { whole } from '../options.ts'

export interface RecurrentOptions extends Named {
  /** Length of the memory, and of the output. */
  readonly units: number
  /** Gives the memory after every step [batch, time, units] in place of the last one [batch, units]; default false. */
  readonly returnSequences?: boolean
  /** A second memory reads the sequence backwards; both outputs, one after the other, are 2 * units long. */
  readonly bidirectional?: boolean
  /** Default 'glorotUniform'. */
  readonly kernelInitializer?: InitializerOption
  /** Default 'orthogonal'. */
  readonly recurrentInitializer?: InitializerOption
}

/**
 * Gated recurrent units over sequences [batch, time, features] of known time. Weights of the gates r, z, n are stacked:
 * weight [3 units, features], recurrentWeight [3 units, units], bias and recurrentBias [3 units]. Formulas of
 * `torch.nn.GRU`, which are Keras' (`reset_after`) too; first values as in Keras: Glorot uniform, orthogonal, zeros.
 *
 * K. Cho et al.: Learning phrase representations using RNN encoder-decoder (2014).
 */
export function gru(options: RecurrentOptions): Layer {
  return recurrent('gru', options, (x, weights, units) => ops.gru(x, weights(3 * units, zeros)))
}

/**
 * Long short-term memory over sequences [batch, time, features] of known time. Weights of the gates i, f, g, o are stacked:
 * weight [4 units, features], recurrentWeight [4 units, units], bias [4 units]. Formulas of `torch.nn.LSTM` with one bias in
 * place of two; first values as in Keras: Glorot uniform, orthogonal, zeros, and ones for the forget gate's bias.
 *
 * S. Hochreiter, J. Schmidhuber: Long short-term memory (1997); R. Jozefowicz et al. (2015) for the bias.
 */
export function lstm(options: RecurrentOptions): Layer {
  return recurrent('lstm', options, (x, weights, units) => ops.lstm(x, weights(4 * units, forgetting(units))))
}

interface Weights {
  readonly input: Value
  readonly hidden: Value
  readonly inputBias: Value
  readonly hiddenBias: Value
}
/** Weights for so many rows, the first bias filled by an initializer. */
type Make = (rows: number, bias: Initializer) => Weights
/** Over [time, batch, features]: all states [time, units, batch], and the last [units, batch]. */
type Pass = (x: Value, weights: Make, units: number) => { readonly states: Value; readonly last: Value }

const known = ['units', 'returnSequences', 'bidirectional', 'kernelInitializer', 'recurrentInitializer', 'name']

function recurrent(kind: 'gru' | 'lstm', options: RecurrentOptions, pass: Pass): Layer {
  checkOptions(kind, options, known)
  const { returnSequences = false, bidirectional = false } = options
  const units = whole(kind, 'units', options.units)
  const kernel = initializerOf(options.kernelInitializer ?? 'glorotUniform')
  const memory = initializerOf(options.recurrentInitializer ?? 'orthogonal')
  return define(kind, options.name, (x, scope) => {
    expectFloat(kind, x, 3, '[batch, time, features]')
    const time = sizeAt(kind, x, 1, 'time')
    const features = sizeAt(kind, x, 2, 'features')
    const weightsOf = (inner: Scope): Make => {
      return (rows, biasInit) => ({
        input: inner.param('weight', [rows, features], kernel),
        hidden: inner.param('recurrentWeight', [rows, units], memory),
        inputBias: inner.param('bias', [rows], biasInit),
        // Only the gru's second bias acts apart from the first: it stands inside the reset.
        hiddenBias: kind === 'gru' ? inner.param('recurrentBias', [rows], zeros) : ops.constant(tensor('float32', [rows])),
      })
    }
    const sequence = ops.transpose(x, [1, 0, 2])
    const forth = pass(sequence, weightsOf(scope), units)
    const batchFirst = returnSequences ? [2, 0, 1] : [1, 0]
    const out = ({ states, last }: typeof forth) => (returnSequences ? states : last)
    if (!bidirectional) return ops.transpose(out(forth), batchFirst)
    const reading = define('backward', 'backward', (y, inner) => {
      const back = out(pass(reversed(y, time), weightsOf(inner), units))
      return returnSequences ? reversed(back, time) : back
    })
    const both = ops.concat([out(forth), scope.apply(reading, sequence)], returnSequences ? 1 : 0)
    return ops.transpose(both, batchFirst)
  })
}

/** Time backwards: a product with the matrix that has ones on its other diagonal. */
function reversed(x: Value, time: number): Value {
  const flip = new Float32Array(time * time)
  for (let i = 0; i < time; i++) flip[i * time + time - 1 - i] = 1
  const rows = ops.reshape(x, [time, -1])
  return ops.reshape(ops.matmul(ops.constant(tensor('float32', [time, time], flip)), rows), x.shape)
}

const zeros: Initializer = { kind: 'zeros', fill: (values) => void values.fill(0) }

/** 0, but 1 for the forget gate, so that a new memory remembers. */
function forgetting(units: number): Initializer {
  return { kind: 'forgetting', fill: (values) => void values.fill(0).fill(1, units, 2 * units) }
}
