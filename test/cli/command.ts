import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Ended, follow, type Program, root } from '../journey/programs.ts'
import { type Compiled, compile } from '../support/compile.ts'

/** Whether a terminal can be had: by `script` of util-linux. */
export const hasTerminal = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false

/** The command, compiled once for a test file, with this repository as the user's project. */
export interface Command {
  start(databaseUrl: string, ...args: string[]): Program
  /** On a terminal of its own, which takes what is typed and shows all that is printed. */
  onTerminal(databaseUrl: string, ...args: string[]): Program & { type(keys: string): void }
  /** Runs it to its end. */
  requeuest(databaseUrl: string, ...args: string[]): Promise<Ended>
  /** What it prints with `--json`; fails unless that is one line. */
  json<T = unknown>(databaseUrl: string, ...args: string[]): Promise<{ code: number | null } & T>
}

export function useCommand(): Command {
  const main = path.join(root, 'src/cli/main.ts')
  let compiled: Compiled
  beforeAll(async () => {
    compiled = await compile(main)
  })
  afterAll(() => compiled.remove())
  const envOf = (databaseUrl: string) => ({
    ...process.env,
    FORCE_COLOR: undefined,
    REQUEUEST_DATABASE_URL: databaseUrl,
  })
  const start = (databaseUrl: string, ...args: string[]) => {
    const child = spawn(process.execPath, [compiled.of(main), ...args], {
      cwd: root,
      env: envOf(databaseUrl),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return follow(child)
  }
  return {
    start,
    onTerminal(databaseUrl, ...args) {
      const line = [process.execPath, compiled.of(main), ...args].join(' ')
      const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: root, env: envOf(databaseUrl), stdio: 'pipe' })
      return Object.assign(follow(child), { type: (keys: string) => void child.stdin.write(keys) })
    },
    requeuest: (databaseUrl, ...args) => start(databaseUrl, ...args).ended,
    async json(databaseUrl, ...args) {
      const { code, output, errors } = await start(databaseUrl, ...args, '--json').ended
      const lines = output.trimEnd().split('\n')
      if (lines.length !== 1) throw new Error(`${output}\n${errors}`)
      return { code, ...JSON.parse(output) }
    },
  }
}
