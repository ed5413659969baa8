import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { type Compiled, compile } from '../../support/compile.ts'

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

let compiling: Promise<Compiled> | undefined

/** Where the programs are. They are compiled once, for a kill costs a start. */
async function programFiles(): Promise<(name: string) => string> {
  const fileOf = (name: string) => path.join(import.meta.dirname, '..', 'programs', `${name}.ts`)
  compiling ??= compile(...['preload', 'receiver', 'spawner', 'worker'].map(fileOf)).then((compiled) => {
    process.once('exit', compiled.remove)
    return compiled
  })
  const compiled = await compiling
  return (name) => compiled.of(fileOf(name))
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** How long a process may take to start. The database may be down meanwhile, and the machine be busy. */
const START_MS = 120_000

/**
 * Runs one of the lab's programs; resolves when it has printed a line that begins with `started`. One that has not done so
 * in time is killed.
 */
export async function launch(
  name: string,
  program: string,
  env: Record<string, string>,
  withinMs = START_MS,
): Promise<Child> {
  const file = await programFiles()
  const child = spawn(process.execPath, ['--import', pathToFileURL(file('preload')).href, file(program)], {
    env: { ...process.env, ...env },
    // Its input ends when this process does, however that comes about.
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.add(child)
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child)
    return { code, signal } as { code: number | null; signal: NodeJS.Signals | null }
  })
  const late = setTimeout(() => child.kill('SIGKILL'), withinMs)
  try {
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (!line.startsWith('started')) continue
      child.stdout?.resume()
      return { name, pid: child.pid as number, process: child, said: line.slice(8), ended: false, exited }
    }
    const { code, signal } = await exited
    throw new Error(`${name} had not started after ${withinMs} ms, or ended before: ${signal ?? code}`)
  } finally {
    clearTimeout(late)
  }
}

/** How long a process may take to end when it is asked to. */
const PATIENCE_MS = 60_000

/** Ends a process. Says whether it obeyed in time; if not, it is killed. */
export async function end(child: Child, signal: NodeJS.Signals): Promise<boolean> {
  child.ended = true
  child.process.kill(signal)
  return ends(child, PATIENCE_MS)
}

/** Waits until a process has ended. Says whether it did in time; if not, it is killed. */
export async function ends(child: Child, withinMs: number): Promise<boolean> {
  let inTime = true
  const timer = setTimeout(() => {
    inTime = false
    child.process.kill('SIGKILL')
  }, withinMs)
  await child.exited
  clearTimeout(timer)
  return inTime
}
