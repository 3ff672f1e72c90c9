/** Does a person earn more than 50,000 dollars a year? A table of numbers and categories, with missing values. */
import { data, nn, optim, space, training } from 'tutti'

export default training({
  name: 'adult',
  config: { hidden: 64, dropout: 0.2, learningRate: 0.002, weightDecay: 0.01, batchSize: 128, epochs: 15, expect: 0.85 },
  space: { hidden: space.logInt(16, 256), dropout: space.uniform(0, 0.5), learningRate: space.logUniform(2e-4, 0.02) },
  objective: { metric: 'rocAuc', direction: 'maximize' },
  data: () => data.adult(),
  model: ({ hidden, dropout }) =>
    nn.sequential([
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden1' }),
      nn.dropout({ rate: dropout }),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden2' }),
      nn.dropout({ rate: dropout }),
      nn.dense({ units: 2, name: 'logits' }),
    ]),
  async train({ config, model, data, fit, evaluate, report }) {
    const { learningRate, weightDecay, batchSize, epochs } = config
    const passes = fit(model, data.train, {
      loss: nn.crossEntropy(),
      optimizer: optim.adamW({ learningRate: optim.schedules.cosine({ learningRate }), weightDecay }),
      batchSize,
      epochs,
    })
    for await (const epoch of passes) {
      await report({ step: epoch.index, ...(await evaluate(model, data.test, ['accuracy', 'rocAuc'])) })
    }
  },
  check: ({ accuracy = 0, rocAuc = 0 }, { expect }) => {
    if (accuracy < expect || rocAuc < 0.9) throw new Error(`accuracy ${accuracy} or AUC ${rocAuc} is below ${expect} or 0.9`)
  },
})
