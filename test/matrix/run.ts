// Tries what docs/supported-versions.md promises: `npm run test:matrix`, or `npm run test:matrix -- --full` for every pair.
import { parseArgs } from 'node:util'
import { installPackages } from './packages.ts'
import { runRefusal } from './refusal.ts'
import { runSmokes } from './smokes.ts'
import { runSuites } from './suites.ts'
import { format } from './table.ts'

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } })
if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error('The servers and runtimes of the matrix are packages for Linux on x64.')
}
const began = performance.now()
await installPackages()
const rows = [await runRefusal(), ...(await runSmokes(values.full)), ...runSuites(values.full)]
console.log(format(rows))
console.log(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`)
process.exitCode = rows.some((row) => row.failed > 0) ? 1 : 0
