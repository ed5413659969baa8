import { expect, it } from 'vitest'
import { countBusy } from '../../bench/harness/busy.ts'
import { isNoise, pairedRatios, planRuns } from '../../bench/harness/pairing.ts'
import { percentile, spreadOf } from '../../bench/harness/statistics.ts'

it.each([
  { variants: 0, reps: 3, plan: [null, null, null] },
  { variants: 1, reps: 2, plan: [null, 0, null, 0, null] },
  { variants: 2, reps: 2, plan: [null, 0, null, 1, null, 0, null, 1, null] },
])(
  'the plan of runs puts each of $variants variants between two runs of the base, $reps times',
  ({ variants, reps, plan }) => {
    expect(planRuns(variants, reps)).toEqual(plan)
  },
)

const plan = planRuns(2, 2)
// The machine becomes twice as slow on the way, and the ratios do not change.
const values = [100, 50, 100, 200, 100, 25, 50, 100, 50]

it.each([
  { variant: 0, ratioOf: 'base ÷ variant' as const, ratios: [2, 3] },
  { variant: 1, ratioOf: 'base ÷ variant' as const, ratios: [0.5, 0.5] },
  { variant: 1, ratioOf: 'variant ÷ base' as const, ratios: [2, 2] },
])(
  'paired ratios hold variant $variant against the mean of its neighbours: $ratioOf',
  ({ variant, ratioOf, ratios }) => {
    expect(pairedRatios(plan, values, variant, ratioOf)).toEqual(ratios)
  },
)

it.each([
  { median: 1.079, noise: true },
  { median: 0.921, noise: true },
  { median: 1.081, noise: false },
  { median: 0.5, noise: false },
])('paired ratios are no difference below 8 %: $median', ({ median, noise }) => {
  expect(isNoise({ median, min: 0, max: 2 })).toBe(noise)
})

const before = new Map([
  [1, 5],
  [2, 100],
  [3, 7],
])

it.each([
  {
    name: 'that have worked',
    after: [
      [1, 6],
      [2, 100],
      [3, 8],
    ],
    busy: 2,
  },
  {
    name: 'that have come meanwhile',
    after: [
      [1, 6],
      [9, 1],
    ],
    busy: 2,
  },
  {
    name: 'but not those that took next to nothing',
    after: [
      [1, 6],
      [2, 100.02],
      [3, 7.03],
    ],
    busy: 2,
  },
  {
    name: 'of which there are none',
    after: [
      [1, 5],
      [2, 100],
      [3, 7],
    ],
    busy: 0,
  },
] as const)('busy processes are those $name', ({ after, busy }) => {
  expect(countBusy(before, new Map(after.map(([pid, seconds]) => [pid, seconds])))).toBe(busy)
})

it.each([
  { values: [3, 1, 2], percent: 50, expected: 2 },
  { values: [1, 2, 3, 4], percent: 50, expected: 2.5 },
  { values: [1, 2, 3, 4, 5], percent: 0, expected: 1 },
  { values: [1, 2, 3, 4, 5], percent: 100, expected: 5 },
  { values: [10, 20], percent: 90, expected: 19 },
  { values: [7], percent: 99, expected: 7 },
])('statistics the $percent % of $values is $expected', ({ values, percent, expected }) => {
  expect(percentile(values, percent)).toBeCloseTo(expected, 10)
})

it('statistics tell the middle and the range', () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 })
})
