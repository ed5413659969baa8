import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'

/** A test by its file and its full name: the titles around it and its own. */
export interface NamedTest {
  file: string
  test: string
  /** What the error says with which it ends, if that is none of its assertions'. */
  saying?: string
}

export interface TestResult extends NamedTest {
  passed: boolean
  messages: string[]
}

interface JsonReport {
  testResults: {
    name: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

/** Longer than a test that hangs and its clean-up may take together, and for each test that is run beside others. */
const KILL_AFTER_MS = { atLeast: 120_000, perTest: 5000 }

/**
 * Runs the named tests and no others in a copy of the repository, and returns those that were run. A file that could not
 * be loaded has none.
 */
export async function runTests(
  folder: string,
  tests: readonly NamedTest[],
  signal: AbortSignal,
): Promise<TestResult[]> {
  const report = path.join(folder, 'report.json')
  rmSync(report, { force: true })
  const files = new Set(tests.map(({ file }) => file))
  const names = new Set(tests.map(({ test }) => test))
  const pattern = `^(${[...names].map(escapeRegExp).join('|')})$`
  const vitest = path.join(folder, 'node_modules', 'vitest', 'vitest.mjs')
  const child = spawn(
    process.execPath,
    [vitest, 'run', ...files, '-t', pattern, '--reporter=json', `--outputFile=${report}`],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: Math.max(KILL_AFTER_MS.atLeast, tests.length * KILL_AFTER_MS.perTest),
    },
  )
  const said = text(child.stderr)
  const stop = () => child.kill()
  signal.addEventListener('abort', stop)
  await once(child, 'exit')
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (existsSync(report)) return readReport(folder, JSON.parse(readFileSync(report, 'utf8')))
  process.stderr.write(
    `Vitest wrote no report (${child.exitCode ?? child.signalCode}):\n${(await said).slice(-2000)}\n`,
  )
  return []
}

function readReport(folder: string, { testResults }: JsonReport): TestResult[] {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        file: path.relative(folder, name),
        test: fullName,
        passed: status === 'passed',
        messages: failureMessages,
      })),
  )
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
