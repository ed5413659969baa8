import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import root from '../../package.json' with { type: 'json' }
import { nodes, type PostgresVersion, postgresEnv, postgresName, type Runtime } from './packages.ts'
import type { Row } from './table.ts'

const repository = path.resolve(import.meta.dirname, '../..')

interface Suite {
  what: string
  postgres: PostgresVersion
  node: Runtime
  files: string[]
}

const whole = { what: 'whole suite', files: [] }

/** What another Node may do in another way, then what speaks to the database. */
const parts = {
  what: 'SQL, network, core',
  files: [
    ...['check', 'cron', 'message', 'net', 'policy', 'runtime', 'spawn'],
    ...['control', 'encryption', 'handlers/handlers', 'limits', 'maintenance', 'claim/order'],
    ...['instance/migrate', 'instance/session', 'schedules/facade', 'schedules/firing', 'store', 'results/wait'],
    ...['activity', 'inspect'],
  ].map((name) => `test/${name}`),
}

const short: Suite[] = [
  { postgres: '14', node: nodes[20], ...whole },
  { postgres: '15', node: nodes[20], ...parts },
  { postgres: '16', node: nodes[22], ...parts },
  { postgres: '17', node: nodes[24], ...parts },
]

/** The project's own tests on each Postgres and each Node, in pairs. */
export function runSuites(isFull: boolean): Row[] {
  const full = [
    ...short.map((suite) => ({ ...suite, ...whole })),
    { postgres: undefined, node: nodes[22], ...whole },
    { postgres: undefined, node: nodes[24], ...whole },
  ]
  return (isFull ? full : short).map(runSuite)
}

function runSuite({ what, postgres, node, files }: Suite): Row {
  const row = { what, postgres: postgresName(postgres), prisma: root.devDependencies.prisma, runtime: node.name }
  console.log(`\n${what} on Postgres ${row.postgres} and ${row.runtime}`)
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-suite-'))
  const report = path.join(home, 'report.json')
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const began = performance.now()
  const [program, ...args] = node.command
  const vitest = path.join(repository, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(program, [...args, vitest, 'run', ...reporters, ...files], {
    cwd: repository,
    env: { ...process.env, ...postgresEnv(postgres) },
    stdio: 'inherit',
  })
  const seconds = (performance.now() - began) / 1000
  const { numPassedTests: passed, numFailedTests: failed, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const failures = testResults
    .flatMap((file: { assertionResults: { status: string; fullName: string }[] }) => file.assertionResults)
    .filter(({ status }: { status: string }) => status === 'failed')
    .map(({ fullName }: { fullName: string }) => `${row.postgres}, ${row.runtime}: ${fullName}`)
  rmSync(home, { recursive: true })
  // A run may fail although each of its tests passed.
  return { ...row, passed, failed: status === 0 ? 0 : Math.max(1, failed), failures, seconds }
}
