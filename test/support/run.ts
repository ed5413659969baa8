import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a program in another project to its end; throws with all that it printed when it fails. */
export async function run(
  cwd: string,
  program: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd, env: { ...outsideEnv(), ...env } })).stdout
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string }
    throw new Error([message, stdout, stderr].join('\n'), { cause: error })
  }
}

/** This environment without what npm tells the scripts of this repository: it would lead an npm in another folder astray. */
export function outsideEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
  )
}
