import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { follow, type Program } from '../../journey/programs.ts'
import { freePort } from '../../support/postgres.ts'
import { outsideEnv } from '../../support/run.ts'
import type { Project } from './project.ts'

export interface Service extends Program {
  url: string
}

/** Starts a web application with node, in the project's folder; resolves when it has printed `ready`. */
export async function serve(
  project: Project,
  args: string[],
  ready: string,
  more: Record<string, string> = {},
): Promise<Service> {
  const port = await freePort()
  const env = { ...outsideEnv(), ...project.env, ...more, PORT: String(port), HOSTNAME: '127.0.0.1' }
  const child = spawn(process.execPath, args, { cwd: project.folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  })
  const program = follow(child)
  await program.printed(ready)
  return { ...program, url: `http://127.0.0.1:${port}` }
}

/** The answer's JSON; fails with its text when the status is no success. */
export async function fetchJson(url: string, init?: RequestInit): Promise<{ id: string }> {
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text}`)
  return JSON.parse(text)
}
