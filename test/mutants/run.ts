import Table from 'cli-table3'
import { problemOf } from './change.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { ROOT, Sandbox } from './sandbox.ts'
import { type NamedTest, runTests, type TestResult } from './vitest.ts'

/*
 * Breaks a copy of the library in one way after another, and demands of each that the test which is named for it turns
 * red. `npm run test:mutants -- late lease` runs only those with "late" or "lease" in their name.
 */

/** `caught`: the named test turned red. `survived`: it did not. `broken`: it did, or did not run, for another reason. */
interface Result {
  mutant: Mutant
  verdict: 'caught' | 'survived' | 'broken'
  reason: string
  seconds: number
}

/** Each run waits a good part of its time. */
const LANES = 2
/**
 * That an assertion does not hold or a test comes to no end, which Vitest reports under the name of a placeholder; not
 * that the mutant is no program any more.
 */
const RED =
  /^(AssertionError|Error: expected |Error: promise resolved |Error: promise rejected |Error: Property failed |Error: Test timed out|Error: STACK_TRACE_ERROR)/

async function main(mutants: readonly Mutant[], signal: AbortSignal): Promise<boolean> {
  const problems = mutants.flatMap((mutant) => mutant.changes.flatMap((change) => problemOf(change, ROOT) ?? []))
  for (const problem of problems) say(problem)
  if (problems.length > 0 || mutants.length === 0) return false

  using sandbox = new Sandbox()
  const tests = mutants.map((mutant) => mutant.caughtBy)
  const healthy = await runTests(sandbox.folder, tests, signal)
  const unfit = tests.filter((test) => !find(healthy, test)?.passed)
  for (const { file, test } of unfit) say(`not green without any mutant: ${file}: ${test}`)
  if (unfit.length > 0) return false

  const queue = [...mutants]
  const results = await Promise.all(Array.from({ length: LANES }, () => lane(queue, signal)))
  const byMutant = new Map(results.flat().map((result) => [result.mutant, result]))
  const inOrder = mutants.flatMap((mutant) => byMutant.get(mutant) ?? [])
  say(describe(inOrder))
  return inOrder.every(({ verdict }) => verdict === 'caught')
}

async function lane(queue: Mutant[], signal: AbortSignal): Promise<Result[]> {
  using sandbox = new Sandbox()
  const results: Result[] = []
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const { caughtBy, changes } = mutant
    const startedAt = performance.now()
    const ran = await sandbox.with(changes, () => runTests(sandbox.folder, [caughtBy], signal))
    const seconds = (performance.now() - startedAt) / 1000
    results.push({ mutant, ...judge(find(ran, caughtBy), caughtBy.saying), seconds })
  }
  return results
}

function judge(result: TestResult | undefined, saying: string | undefined): Pick<Result, 'verdict' | 'reason'> {
  if (!result) return { verdict: 'broken', reason: 'the test did not run' }
  if (result.passed) return { verdict: 'survived', reason: '' }
  const reason = result.messages[0]?.split('\n')[0] ?? ''
  const isMeant = (message: string) => RED.test(message) || (saying !== undefined && message.includes(saying))
  return { verdict: result.messages.some(isMeant) ? 'caught' : 'broken', reason }
}

function find(results: readonly TestResult[], { file, test }: NamedTest): TestResult | undefined {
  return results.find((result) => result.file === file && result.test === test)
}

function describe(results: readonly Result[]): string {
  const table = new Table({
    head: ['', 'mutant', 'test that turned red', 'because', 's'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'left', 'right'],
    colWidths: [10, 40, 60, 50, 5],
    wordWrap: true,
  })
  for (const { mutant, verdict, reason, seconds } of results) {
    const { file, test } = mutant.caughtBy
    table.push([verdict, mutant.name, `${file}\n${test}`, reason, Math.round(seconds)])
  }
  return table.toString()
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopping.abort())
const startedAt = performance.now()
const wanted = process.argv.slice(2)
const allCaught = await main(
  MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part))),
  stopping.signal,
)
say(`took ${Math.round((performance.now() - startedAt) / 1000)} s`)
process.exitCode = allCaught ? 0 : 1
