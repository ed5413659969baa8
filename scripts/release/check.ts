import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import { changelogProblems, machinePaths, packProblems } from './problems.ts'

/*
 * `npm run release:check`: what has to hold before a version is published. `-- --tag v1.2.3` checks the tag as well.
 * The package is built first, so whatever a build changes in the repository shows as a change that is not committed.
 */

const root = path.resolve(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { tag: { type: 'string' } } })
const { version } = packageJson

const checks: Record<string, () => string[]> = {
  'publint and attw accept the package': () => passes('npm', 'run', 'lint:package'),
  'every link of the docs leads somewhere, and every snippet compiles': () =>
    passes('npx', 'vitest', 'run', 'test/journey/docs.test.ts'),
  'everything is committed': () => linesOf('git', 'status', '--porcelain'),
  'the changelog begins with this version': () => changelogProblems(read('CHANGELOG.md'), version),
  'the tag is the version': () =>
    !values.tag || values.tag === `v${version}` ? [] : [`${values.tag}, not v${version}`],
  'the package has what it needs and nothing else': () => packProblems(packedFiles(), packageJson),
  'nothing names a folder of somebody’s machine': () =>
    [...linesOf('git', 'ls-files'), ...packedFiles()].flatMap((file) => machinePaths(file, read(file))),
}

let failed = 0
for (const [what, check] of Object.entries(checks)) {
  const problems = check()
  if (problems.length > 0) failed++
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${what}`)
  for (const problem of problems) console.log(`    ${problem}`)
}
process.exitCode = failed === 0 ? 0 : 1

function passes(program: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? [] : `${stdout}\n${stderr}`.trim().split('\n')
}

function linesOf(program: string, ...args: string[]): string[] {
  return execFileSync(program, args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
}

function packedFiles(): string[] {
  const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ files }] = JSON.parse(printed) as [{ files: { path: string }[] }]
  return files.map((file) => file.path)
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}
