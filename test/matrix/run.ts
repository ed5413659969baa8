// Tries what docs/supported-versions.md promises: `npm run test:matrix`, or `npm run test:matrix -- --full` for every pair.
// `--prisma 7.4.0` runs the program with that version of Prisma, and nothing else.
import { parseArgs } from 'node:util'
import { installPackages } from './packages.ts'
import { prismaVersions } from './projects.ts'
import { runRefusal } from './refusal.ts'
import { runSmokes } from './smokes.ts'
import { runSuites } from './suites.ts'
import { format } from './table.ts'

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false }, prisma: { type: 'string' } } })
if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error('The servers and runtimes of the matrix are packages for Linux on x64.')
}
const began = performance.now()
await installPackages()
const rows = values.prisma
  ? await runSmokes(values.full, [values.prisma])
  : [await runRefusal(), ...(await runSmokes(values.full, prismaVersions)), ...runSuites(values.full)]
console.log(format(rows))
console.log(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`)
process.exitCode = rows.some((row) => row.failed > 0) ? 1 : 0
