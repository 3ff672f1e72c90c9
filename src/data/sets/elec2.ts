import { checkOptions } from '../../core/registry.ts'
import type { Splits } from '../dataset.ts'
import { locate, type Places, type PublicFile, placeOptions } from '../locate.ts'
import { csv } from '../readers/csv.ts'
import type { Table } from '../table.ts'

export interface Elec2Options extends Places {
  /** Share or number of rows held out: the latest ones. Default 0.3. */
  readonly test?: number
}

/**
 * Electricity market of New South Wales, 1996 to 1998: did the price go up against the mean of the last day? 45,312 half
 * hours in order of time; x: float32 [6], values of 0 to 1 as the set has them; y: 0 'down', 1 'up'. The test rows come after
 * all training rows: prices drift, and a random split would hide it.
 *
 * M. Harries: SPLICE-2 Comparative Evaluation: Electricity Pricing (1999).
 *
 * @throws DOWNLOAD_FAILED
 */
export async function elec2(options: Elec2Options = {}): Promise<Splits<Table>> {
  checkOptions('data.elec2', options, [...placeOptions, 'test'])
  const frame = await csv(await locate(file, options), { delimiter: ',', header: true })
  const all = frame
    .with('class', { kind: 'categorical', classes, data: Int32Array.from(frame.columns.class?.data as Float64Array) })
    .dataset({ name: 'elec2', target: 'class', classes, encode: { numeric: 'none' } })
  return { ...all.split({ test: options.test ?? 0.3, shuffle: false }), classes }
}

const classes = ['down', 'up']
const file: PublicFile = {
  path: 'elec2/elec.csv',
  urls: ['https://raw.githubusercontent.com/scikit-multiflow/streaming-datasets/master/elec.csv'],
  sum: { algorithm: 'sha256', of: 'file', hex: 'cdf901433885f29eca6911f70c0eeafb50d90596c879c30c5b99f5a2e8e734ff' },
}
