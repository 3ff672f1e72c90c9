import { createPredictor, defaultThreads, openModel, type Prediction, predictFile } from '../../run/index.ts'
import { command } from '../command.ts'
import { formatNumber } from '../display/numbers.ts'
import { styleOf } from '../display/style.ts'
import { cut, table } from '../display/table.ts'
import { exit } from '../exit.ts'
import { readStore, storeOption, threadsOption } from '../settings.ts'

export const predict = command({
  name: 'predict',
  summary: 'Predict with the model of a run or of an .onnx file',
  usage: ['predict RUN|MODEL.onnx --input FILE [options]'],
  details: `FILE is CSV, TSV, JSON, JSON lines, Parquet, .npy, idx, PNG, JPEG or WebP (or a folder of
pictures), or .txt with one text a line. Whole numbers are read as the training data stored
them: pixels are 0 to 255.`,
  options: {
    input: { type: 'text', value: 'FILE', summary: 'Examples to predict for', required: true },
    store: storeOption,
    threads: threadsOption,
    json: { type: 'flag', summary: 'Print one JSON object a line, with all probabilities' },
  },
  positionals: ['MODEL'],
  async run({ options, positionals }, context) {
    const { terminal } = context
    const model = await openModel(positionals[0] as string, () => readStore(options.store, context))
    await using predictor = await createPredictor(model, options.threads ?? defaultThreads)
    let block: Prediction[] = []
    let first = true
    const print = () => {
      if (block.length > 0) terminal.out(textOf(block, styleOf(terminal.outColor).dim, first))
      first = false
      block = []
    }
    for await (const prediction of predictFile(predictor, options.input as string)) {
      if (options.json) terminal.out(`${JSON.stringify(prediction)}\n`)
      else block.push(prediction)
      // Aligned over some rows at a time: a file may hold millions.
      if (block.length === 1000) print()
    }
    print()
    return exit.ok
  },
})

function textOf(predictions: readonly Prediction[], dim: (text: string) => string, titled: boolean): string {
  const classes = predictions[0]?.class !== undefined
  const rows = predictions.map(({ example, class: name, probability, probabilities, value }) => {
    if (name === undefined) return [String(example), valueText(value)]
    const others = Object.entries(probabilities ?? {})
      .filter(([other]) => other !== name)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 2)
      .map(([other, p]) => `${cut(other, 20)} ${p.toFixed(4)}`)
    return [String(example), cut(name, 40), (probability as number).toFixed(4), dim(others.join('  '))]
  })
  const title = classes ? ['example', 'class', 'probability', 'next'] : ['example', 'value']
  return table(titled ? [title.map(dim), ...rows] : rows, classes ? [2] : [])
}

function valueText(value: Prediction['value']): string {
  if (typeof value === 'number') return formatNumber(value)
  const some = (value ?? []).slice(0, 8).map(formatNumber)
  return `[${some.join(', ')}${(value?.length ?? 0) > some.length ? `, ... ${value?.length} numbers` : ''}]`
}
