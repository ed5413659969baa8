import { parseArgs } from 'node:util'
import { SYSTEM_NAMES, type SystemName } from '../systems/catalogue.ts'

/** What the command line asks for. What it leaves out is the workload's to choose. */
export interface Options {
  /** Names of workloads or their beginnings; none for all. */
  workloads: string[]
  systems: SystemName[] | undefined
  n: number | undefined
  reps: number | undefined
  concurrency: number | undefined
  seconds: number | undefined
  /** Deliveries of each worker before it is measured. */
  warmup: number
  node: number | undefined
  /** The folder of another checkout of the library. */
  against: string | undefined
  json: string | undefined
  help: boolean
}

const DEFAULT_WARMUP = 1000

/** Throws what is to be shown to whoever typed it. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      systems: { type: 'string' },
      n: { type: 'string' },
      reps: { type: 'string' },
      concurrency: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      node: { type: 'string' },
      against: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  return {
    workloads: positionals,
    systems: chooseSystems(values.systems?.split(',').map(asSystem), values.against),
    n: asCount('n', values.n, 1),
    reps: asCount('reps', values.reps, 1),
    concurrency: asCount('concurrency', values.concurrency, 1),
    seconds: asCount('seconds', values.seconds, 1),
    warmup: asCount('warmup', values.warmup, 0) ?? DEFAULT_WARMUP,
    node: asCount('node', values.node, 1),
    against: values.against,
    json: values.json,
    help: values.help,
  }
}

/** Another checkout is held against this one, unless there are more systems to hold against it. */
function chooseSystems(named: SystemName[] | undefined, against: string | undefined): SystemName[] | undefined {
  return against === undefined ? named : [...new Set<SystemName>([...(named ?? ['requeuest']), 'requeuest-other'])]
}

function asSystem(name: string): SystemName {
  const found = SYSTEM_NAMES.find((system) => system === name)
  if (!found) throw new Error(`There is no system '${name}'. There are: ${SYSTEM_NAMES.join(', ')}`)
  return found
}

function asCount(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(count) || count < least)
    throw new Error(`--${name} is '${text}', not a whole number from ${least}`)
  return count
}
