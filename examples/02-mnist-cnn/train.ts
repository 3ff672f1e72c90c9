/** Handwritten digits with convolutions: two of them, pooled, then a dense layer. */
import { data, nn, optim, training } from 'tutti'

export default training({
  name: 'mnist-cnn',
  config: { source: 'mnist', filters: 16, hidden: 128, learningRate: 0.003, batchSize: 64, epochs: 5, expect: 0.985 },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data: ({ source }) => (source === 'digits' ? data.digits() : data.mnist()),
  model: ({ filters, hidden }) =>
    nn.sequential([
      nn.reshape([1, 28, 28]), // one channel of 28 x 28 pixels
      nn.conv2d({ filters, kernel: 5, padding: 'same', activation: 'relu', name: 'strokes' }),
      nn.maxPool2d(),
      nn.conv2d({ filters: 2 * filters, kernel: 5, padding: 'same', activation: 'relu', name: 'shapes' }),
      nn.maxPool2d(),
      nn.flatten(),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden' }),
      nn.dropout({ rate: 0.3 }),
      nn.dense({ units: 10, name: 'logits' }),
    ]),
  async train({ config, model, data, fit, evaluate, report }) {
    const epochs = fit(model, data.train, {
      loss: nn.crossEntropy(),
      optimizer: optim.adam({ learningRate: optim.schedules.oneCycle({ learningRate: config.learningRate }) }),
      batchSize: config.batchSize,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) {
      await report({ step: epoch.index, ...(await evaluate(model, data.test, ['accuracy', 'logLoss'])) })
    }
  },
  check: ({ accuracy = 0 }, { expect }) => {
    if (accuracy < expect) throw new Error(`accuracy ${accuracy} is below ${expect}`)
  },
})
