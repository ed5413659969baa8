import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Table from 'cli-table3'
import { openLab } from './harness/lab.ts'
import { chooseNodes } from './harness/nodes.ts'
import { parseOptions } from './harness/options.ts'
import { type CpuProfile, timeByArea } from './harness/profile.ts'
import { drain } from './workloads/drain.ts'

/**
 * Where the worker's time goes in W1: self time by package and folder, in microseconds a delivery. Only the measured part is
 * profiled, not how the process began. Takes --n, --concurrency, --warmup, --node and --systems (one).
 */
/** What takes less is not named. */
const LEAST_SHARE = 0.005

const { n = 60_000, concurrency = 100, warmup, node, systems } = parseOptions(process.argv.slice(2))
const [system = 'requeuest'] = systems ?? []
const file = path.join(mkdtempSync(path.join(tmpdir(), 'requeuest-profile-')), 'worker.cpuprofile')

await using lab = await openLab(chooseNodes(node))
const { seconds } = await drain(lab, system, { n, warmup, concurrency, profile: file })
const areas = timeByArea(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile, lab.compiledRoot)
const busy = areas.reduce((sum, { microseconds }) => sum + microseconds, 0)

const table = new Table({
  head: ['', 'µs a delivery', '%'],
  colAligns: ['left', 'right', 'right'],
  style: { head: [], border: [], compact: true },
})
const addRow = (area: string, microseconds: number) =>
  table.push([area, (microseconds / n).toFixed(2), ((microseconds / busy) * 100).toFixed(1)])
const named = areas.filter(({ microseconds }) => microseconds >= busy * LEAST_SHARE)
for (const { area, microseconds } of named) addRow(area, microseconds)
addRow('the rest', busy - named.reduce((sum, { microseconds }) => sum + microseconds, 0))
addRow('busy in all', busy)
process.stdout.write(
  `${system}: ${n} requests, ${(n / seconds).toFixed(0)}/s while profiled\n${table.toString()}\n${file}\n`,
)
