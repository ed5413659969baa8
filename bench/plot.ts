import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { chartOf } from './harness/chart.ts'
import { readResults } from './harness/results.ts'

/** Draws a chart for each workload that has results, for the docs. */
const folder = path.resolve(import.meta.dirname, '../docs/charts')
mkdirSync(folder, { recursive: true })
for (const [name, results] of readResults()) {
  const file = path.join(folder, `${name}.svg`)
  writeFileSync(file, chartOf(results))
  process.stdout.write(`${file}\n`)
}
