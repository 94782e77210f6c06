import type { SamplingOptions } from '../src/sampling/parameters.ts'

// What others found, which the figures are held against. The papers show most of it as plots only; the numbers are those
// of two independent programs for the same variants, c = 30, 10,000 nodes, unless said otherwise.

export interface Variant {
  label: string
  options: SamplingOptions
}

/** Spread of in-degrees after convergence: from the lowest to the highest value found. */
export const SPREADS: Array<Variant & { published: [number, number] }> = [
  { label: 'cyclon', options: { preset: 'cyclon' }, published: [2.2, 2.2] },
  { label: 'swapper, tail', options: { preset: 'swapper' }, published: [3.6, 3.8] },
  { label: 'swapper, rand', options: { preset: 'swapper', selection: 'rand' }, published: [4.3, 4.3] },
  { label: 'default (H=1, S=14, tail)', options: {}, published: [4.8, 5.0] },
  { label: 'healer, rand', options: { preset: 'healer', selection: 'rand' }, published: [10.6, 10.8] },
  { label: 'healer, tail', options: { preset: 'healer' }, published: [10.1, 11.1] },
  { label: 'newscast', options: { preset: 'newscast' }, published: [12.9, 13.1] },
  { label: 'blind, rand', options: { preset: 'blind' }, published: [21, 22.5] }
]

/** Dead links, in percent, so many rounds after half of all nodes have crashed. */
export const DECAYS: Array<Variant & { published: string }> = [
  {
    label: 'healer, rand',
    options: { preset: 'healer', selection: 'rand' },
    published: '9 % after 5 rounds, 0.24 % after 10, none by 20'
  },
  {
    label: 'H=1, S=14, rand',
    options: { selection: 'rand' },
    published: '43 % after 10 rounds, none by 40 (without dropping failed contacts)'
  },
  { label: 'default (H=1, S=14, tail)', options: {}, published: '' },
  {
    label: 'swapper, tail',
    options: { preset: 'swapper' },
    published: '35 % after 10 rounds, 0.03 % after 40, none by 45'
  },
  { label: 'cyclon', options: { preset: 'cyclon' }, published: '' },
  {
    label: 'blind, rand',
    options: { preset: 'blind' },
    published: '27 % after 90 rounds (without dropping failed contacts)'
  }
]

/** Leitao, Pereira, Rodrigues, "HyParView", DSN 2007, table 1: Cyclon with a view of 35, 10,000 nodes. */
export const CYCLON = { view: 35, clusteringCoefficient: 0.0068, averagePathLength: 2.6 }
