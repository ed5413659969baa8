import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const tsx = createRequire(import.meta.url).resolve('tsx')
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is left of a program that has ended. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  output: string
  errors: string
}

export interface Program {
  /** Resolves to all its output when that contains `text`; rejects when it ends without. */
  printed(text: string): Promise<string>
  kill(signal: NodeJS.Signals): void
  ended: Promise<Ended>
}

/** Runs a TypeScript program of this repository. Its output is no terminal. */
export function runProgram(file: string, args: string[], env: Record<string, string | undefined>, cwd = root): Program {
  const child = spawn(process.execPath, ['--import', tsx, path.join(root, file), ...args], {
    cwd,
    env: { ...process.env, FORCE_COLOR: undefined, DATABASE_URL: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return follow(child)
}

/** Reads what a process prints. */
export function follow(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Program {
  const said = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.errors += text
  })
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...said }))
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    async printed(text) {
      while (!said.output.includes(text)) {
        const last = await Promise.race([once(child.stdout, 'data').then(() => null), ended])
        if (last && !last.output.includes(text)) throw new Error(`ended without "${text}": ${JSON.stringify(last)}`)
      }
      return said.output
    },
  }
}
