import { type Ended, runProgram } from '../journey/programs.ts'

/** Runs the command to its end, with this repository as the user's project. */
export function requeuest(databaseUrl: string, ...args: string[]): Promise<Ended> {
  return runProgram('src/cli/main.ts', args, { REQUEUEST_DATABASE_URL: databaseUrl }).ended
}

/** What it prints with `--json`; fails unless that is one line. */
export async function json<T = unknown>(databaseUrl: string, ...args: string[]): Promise<{ code: number | null } & T> {
  const { code, output, errors } = await requeuest(databaseUrl, ...args, '--json')
  const lines = output.trimEnd().split('\n')
  if (lines.length !== 1) throw new Error(`${output}\n${errors}`)
  return { code, ...JSON.parse(output) }
}
