/** Handwritten digits with a dense network. `--set source=digits` needs no download; `source=mnist` is the whole set. */
import { data, nn, optim, training } from 'tutti'

export default training({
  name: 'mnist',
  config: { source: 'mnist', hidden: 128, learningRate: 0.1, batchSize: 64, epochs: 10 },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data: ({ source }) => (source === 'digits' ? data.digits() : data.mnist()),
  model: ({ hidden }) =>
    nn.sequential([
      nn.flatten(),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden1' }),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden2' }),
      nn.dense({ units: 10, name: 'logits' }),
    ]),
  async train({ config, model, data, fit, evaluate, report }) {
    const epochs = fit(model, data.train, {
      loss: nn.crossEntropy(),
      optimizer: optim.sgd({ learningRate: config.learningRate }),
      batchSize: config.batchSize,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) {
      await report({ step: epoch.index, ...(await evaluate(model, data.test, ['accuracy'])) })
    }
  },
})
