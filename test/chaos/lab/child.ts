import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'

const tsx = createRequire(import.meta.url).resolve('tsx')

/** A process of the lab's. */
export interface Child {
  name: string
  pid: number
  process: ChildProcess
  /** What it had to say when it had started. */
  said: string
  /** True from when the lab means to end it. */
  ended: boolean
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs a program of this folder; resolves when it has printed a line that begins with `started`. */
export async function launch(name: string, program: string, env: Record<string, string>): Promise<Child> {
  const child = spawn(process.execPath, ['--import', tsx, path.join(import.meta.dirname, `${program}.ts`)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child)
    return { code, signal } as { code: number | null; signal: NodeJS.Signals | null }
  })
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (!line.startsWith('started')) continue
    child.stdout?.resume()
    return { name, pid: child.pid as number, process: child, said: line.slice(8), ended: false, exited }
  }
  throw new Error(`${name} ended before it had started`)
}

export async function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  child.ended = true
  child.process.kill(signal)
  await child.exited
}
