/** Is this text message spam? Words are embedded, and the message is what stands out in it: the maximum over its words. */
import { data, nn, ops, optim, training } from 'tutti'

export default training({
  name: 'spam',
  config: { width: 32, hidden: 32, dropout: 0.3, learningRate: 0.003, batchSize: 32, epochs: 8, expect: 0.93 },
  objective: { metric: 'f1', direction: 'maximize' },
  data: () => data.smsSpam(),
  model: ({ width, hidden, dropout }, { vocabulary }) =>
    nn.sequential([
      nn.embedding({ tokens: vocabulary.tokens.length, width, name: 'words' }),
      nn.dropout({ rate: dropout }),
      nn.layer('strongest', (x) => ops.max(x, { axes: [1] })),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden' }),
      nn.dense({ units: 2, name: 'logits' }),
    ]),
  async train({ config, model, data, fit, evaluate, report }) {
    const epochs = fit(model, data.train, {
      loss: nn.crossEntropy(),
      optimizer: optim.adam({ learningRate: config.learningRate }),
      batchSize: config.batchSize,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) {
      await report({ step: epoch.index, ...(await evaluate(model, data.test, ['f1', 'precision', 'recall', 'accuracy'])) })
    }
  },
  check: ({ f1 = 0 }, { expect }) => {
    if (f1 < expect) throw new Error(`F1 ${f1} is below ${expect}`)
  },
})
