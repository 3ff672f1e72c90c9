/** Handwritten digits with a dense network. `--set source=digits` needs no download, `--set source=mnist` is the whole set. */
import { data, nn, optim, space, training } from 'tutti'

export default training({
  name: 'mnist',
  config: { source: 'mnist', hidden: 256, learningRate: 0.1, batchSize: 64, epochs: 20, shift: 1, expect: 0.97 },
  space: { hidden: space.logInt(32, 512), learningRate: space.logUniform(0.01, 0.5), batchSize: space.ordinal([32, 64, 128]) },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data: ({ source }) => (source === 'digits' ? data.digits() : data.mnist()),
  model: ({ hidden }) =>
    nn.sequential([
      nn.flatten(),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden1' }),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden2' }),
      nn.dense({ units: 10, name: 'logits' }),
    ]),
  async train({ config, model, data: { train, test }, fit, evaluate, report }) {
    const epochs = fit(model, data.shiftImages(train, { pixels: config.shift }), {
      loss: nn.crossEntropy(),
      optimizer: optim.sgd({ learningRate: optim.schedules.oneCycle({ learningRate: config.learningRate }), momentum: 0.9 }),
      batchSize: config.batchSize,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) {
      await report({ step: epoch.index, ...(await evaluate(model, test, ['accuracy'])) })
    }
  },
  // Of fewer epochs, as one tries things out, no more is expected than that they come to their end.
  check: ({ accuracy = 0 }, { epochs, expect }) => {
    if (epochs >= 20 && accuracy < expect) throw new Error(`accuracy ${accuracy} is below ${expect}`)
  },
})
