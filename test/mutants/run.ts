import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Table from 'cli-table3'
import { MUTANTS, type Mutant } from './mutants.ts'

/*
 * Breaks the library in one way after another, in a copy of it, and expects the named test to fail each time. Proves that
 * the tests can.
 */
const root = path.resolve(import.meta.dirname, '../..')
const COPIED = ['src', 'prisma', 'test', 'examples', 'generated', 'package.json', 'tsconfig.json', 'vitest.config.ts']
/** A mutant may hang, which its test notices by its own time limit. */
const PATIENCE_MS = 180_000

interface Found {
  /** What the named tests came to; empty when none was found. */
  statuses: string[]
  seconds: number
}

const copy = mkdtempSync(path.join(tmpdir(), 'requeuest-mutants-'))
const remove = () => rmSync(copy, { recursive: true, force: true })
process.once('exit', remove)
process.once('SIGINT', () => process.exit(130))

for (const name of [...COPIED, 'prisma.config.ts'])
  cpSync(path.join(root, name), path.join(copy, name), { recursive: true })
symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))

const only = process.argv[2]
const table = new Table({ head: ['mutant', 'test', 'outcome', 's'], style: { head: [], border: [] } })
let survivors = 0
for (const mutant of MUTANTS.filter(({ name }) => only === undefined || name.includes(only))) {
  const sound = await runTest(mutant)
  const broken = isPassed(sound) ? await withMutant(mutant, () => runTest(mutant)) : sound
  const isKilled = isPassed(sound) && broken.statuses.includes('failed')
  if (!isKilled) survivors++
  const outcome = isKilled
    ? 'red, as it should'
    : isPassed(sound)
      ? 'SURVIVED'
      : 'red WITHOUT the mutant, or no such test'
  table.push([mutant.name, `${mutant.test[0]}\n${mutant.test[1]}`, outcome, Math.round(broken.seconds)])
  process.stdout.write(`${isKilled ? 'killed' : outcome}: ${mutant.name}\n`)
}
process.stdout.write(`${table.toString()}\n${survivors} survived\n`)
process.exit(survivors === 0 ? 0 : 1)

async function withMutant<T>({ file, find, replace, name }: Mutant, work: () => Promise<T>): Promise<T> {
  const target = path.join(copy, file)
  const source = readFileSync(target, 'utf8')
  if (source.split(find).length !== 2)
    throw new Error(`"${name}": what it replaces is not in ${file}, or not just once`)
  writeFileSync(
    target,
    source.replace(find, () => replace),
  )
  try {
    return await work()
  } finally {
    writeFileSync(target, source)
  }
}

async function runTest({ test: [file, name] }: Mutant): Promise<Found> {
  const report = path.join(copy, 'report.json')
  rmSync(report, { force: true })
  const startedAt = performance.now()
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const reporting = ['--reporter=json', `--outputFile=${report}`]
  const vitest = path.join(copy, 'node_modules', 'vitest', 'vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', file, '-t', pattern, ...reporting], {
    cwd: copy,
    stdio: 'ignore',
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await once(child, 'exit')
  clearTimeout(timer)
  return { statuses: statusesOf(report, name), seconds: (performance.now() - startedAt) / 1000 }
}

function statusesOf(report: string, name: string): string[] {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { title: string; status: string }[] }[]
  }
  const results = testResults.flatMap((file) => file.assertionResults)
  return results.filter((result) => result.title.startsWith(name)).map((result) => result.status)
}

function isPassed({ statuses }: Found): boolean {
  return statuses.length > 0 && statuses.every((status) => status === 'passed')
}
