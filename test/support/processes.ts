import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const tsx = createRequire(import.meta.url).resolve('tsx')

/** Runs a program, in TypeScript unless it was compiled, as a process of its own; resolves when it has printed the line `started`. */
export async function startProcess(file: string, env: Record<string, string>): Promise<ChildProcess> {
  const loader = file.endsWith('.ts') ? ['--import', tsx] : []
  const child = spawn(process.execPath, [...loader, file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line === 'started') return child
  }
  throw new Error(`${file} ended before it had started`)
}

/** Ends a process and resolves when it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
