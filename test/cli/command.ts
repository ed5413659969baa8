import { spawn } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Ended, follow, type Program, root } from '../journey/programs.ts'
import { type Compiled, compile } from '../support/compile.ts'

/** The command, compiled once for a test file, with this repository as the user's project. */
export interface Command {
  start(databaseUrl: string, ...args: string[]): Program
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
  const start = (databaseUrl: string, ...args: string[]) => {
    const env = { ...process.env, FORCE_COLOR: undefined, REQUEUEST_DATABASE_URL: databaseUrl }
    const child = spawn(process.execPath, [compiled.of(main), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return follow(child)
  }
  return {
    start,
    requeuest: (databaseUrl, ...args) => start(databaseUrl, ...args).ended,
    async json(databaseUrl, ...args) {
      const { code, output, errors } = await start(databaseUrl, ...args, '--json').ended
      const lines = output.trimEnd().split('\n')
      if (lines.length !== 1) throw new Error(`${output}\n${errors}`)
      return { code, ...JSON.parse(output) }
    },
  }
}
