import { expect, it } from 'vitest'
import { parseOptions } from '../../bench/harness/options.ts'
import { chooseWorkloads, WORKLOADS } from '../../bench/workloads/all.ts'

it('the command line leaves to the workload what it does not say', () => {
  expect(parseOptions([])).toEqual({
    workloads: [],
    systems: undefined,
    n: undefined,
    reps: undefined,
    concurrency: undefined,
    seconds: undefined,
    warmup: 1000,
    node: undefined,
    against: undefined,
    json: undefined,
    help: false,
  })
})

it('the command line takes workloads, systems and numbers', () => {
  const args = ['w1', 'w3', '--systems', 'requeuest,bullmq', '--n', '20_000', '--warmup', '0', '--json', 'a.json']
  expect(parseOptions(args)).toMatchObject({
    workloads: ['w1', 'w3'],
    systems: ['requeuest', 'bullmq'],
    n: 20_000,
    warmup: 0,
    json: 'a.json',
  })
})

it.each([
  { args: [], systems: ['requeuest', 'requeuest-other'] },
  { args: ['--systems', 'requeuest,graphile'], systems: ['requeuest', 'graphile', 'requeuest-other'] },
  { args: ['--systems', 'requeuest,requeuest-other'], systems: ['requeuest', 'requeuest-other'] },
])('the command line holds another checkout against $systems', ({ args, systems }) => {
  expect(parseOptions([...args, '--against', '../before'])).toMatchObject({ systems, against: '../before' })
})

it.each([
  [['--systems', 'sidekiq'], "There is no system 'sidekiq'"],
  [['--n', '0'], "--n is '0'"],
  [['--reps', 'many'], "--reps is 'many'"],
  [['--concurrency', '1.5'], "--concurrency is '1.5'"],
  [['--fast'], "Unknown option '--fast'"],
])('the command line refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message)
})

it.each([
  { names: [], chosen: WORKLOADS.map(({ name }) => name) },
  { names: ['w1'], chosen: ['w1-drain', 'w1-shapes'] },
  { names: ['w1-drain'], chosen: ['w1-drain'] },
  { names: ['w12', 'w13', 'w14'], chosen: ['w12-receivers', 'w13-same-work', 'w14-busy'] },
  { names: ['w10', 'w2'], chosen: ['w2-latency', 'w10-sizes'] },
])('the command line $names chooses $chosen', ({ names, chosen }) => {
  expect(chooseWorkloads(names).map(({ name }) => name)).toEqual(chosen)
})

it('the command line refuses a workload that there is not', () => {
  expect(() => chooseWorkloads(['w99'])).toThrow("There is no workload 'w99'")
})
