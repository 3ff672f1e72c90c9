/** A small transformer that reads Shakespeare letter by letter, learns to say which comes next, and then writes some. */
import { data, nn, ops, optim, random, type TrainContext, tensor, training, type Value } from 'tutti'

type Config = {
  context: number
  width: number
  heads: number
  layers: number
  dropout: number
  learningRate: number
  batchSize: number
  epochs: number
  expect: number
}
type Play = Awaited<ReturnType<typeof data.tinyShakespeare>>

const config: Config = {
  context: 128,
  width: 128,
  heads: 4,
  layers: 4,
  dropout: 0,
  learningRate: 0.003,
  batchSize: 16,
  epochs: 8,
  expect: 1.6,
}

export default training({
  name: 'shakespeare',
  config,
  objective: { metric: 'logLoss', direction: 'minimize' },
  data: ({ context }) => data.tinyShakespeare({ context }),
  model: ({ width, heads, layers, dropout }, { vocabulary }) =>
    nn.sequential([
      nn.embedding({ tokens: vocabulary.size, width, name: 'letters' }),
      nn.layer('lately', (x) => ops.concat([x, ...[1, 2, 3].map((steps) => later(x, steps))], 2)),
      nn.dense({ units: width, name: 'syllables' }), // of a letter and the three before it
      nn.positionalEmbedding({ name: 'places' }),
      ...Array.from({ length: layers }, (_, i) => nn.transformerBlock({ heads, causal: true, dropout, name: `block${i + 1}` })),
      nn.layerNorm({ name: 'norm' }),
      nn.dense({ units: vocabulary.size, name: 'logits' }),
    ]),
  async train(context) {
    const { config, model, data: play, fit, evaluate, report, log } = context
    const learningRate = optim.schedules.oneCycle({ learningRate: config.learningRate, rise: 0.1 })
    const epochs = fit(model, play.train, {
      loss: nn.crossEntropy(),
      optimizer: optim.adamW({ learningRate, weightDecay: 0.1, beta2: 0.99, clipNorm: 1 }),
      batchSize: config.batchSize,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) {
      await report({
        step: epoch.index,
        trainLoss: epoch.loss,
        ...(await evaluate(model, play.validation, ['logLoss'], { batchSize: 32 })),
      })
    }
    log(await write(context, 'ROMEO:\n', 400))
  },
  check: ({ logLoss = Number.NaN }, { expect }) => {
    if (!(logLoss <= expect)) throw new Error(`validation loss ${logLoss} nats is above ${expect}`)
  },
})

/** A sequence some steps later: each place has what stood before it, the first places nothing. */
function later(x: Value, steps: number): Value {
  return ops.pad(ops.slice(x, 1, 0, (x.shape[1] as number) - steps), 1, steps, 0)
}

/** Goes on from a beginning, one letter at a time, each drawn by its probability. */
async function write(
  { model, predict, data: { vocabulary }, config, seed }: TrainContext<Config, Play>,
  beginning: string,
  letters: number,
): Promise<string> {
  const draw = random(seed).fork('write')
  const tokens = [...vocabulary.encode(beginning)]
  for (let i = 0; i < letters; i++) {
    const seen = tokens.slice(-config.context)
    const x = tensor('int32', [1, config.context], [...seen, ...new Array<number>(config.context - seen.length).fill(0)])
    const { data: logits } = await predict(model, { x })
    const scores = (logits as Float32Array).subarray((seen.length - 1) * vocabulary.size, seen.length * vocabulary.size)
    const powers = scores.map((score) => Math.exp(score / 0.8)) // below 1, bolder than it is sure
    let rest = draw.uniform() * powers.reduce((a, b) => a + b, 0)
    tokens.push(
      Math.max(
        0,
        powers.findIndex((power) => (rest -= power) < 0),
      ),
    )
  }
  return vocabulary.decode(tokens)
}
