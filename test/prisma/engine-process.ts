import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { root } from './project.ts'

const file = path.join(root, 'prisma', 'schema-engine.mjs')

interface Answer {
  result?: unknown
  error?: { code: number; data: { message: string; error_code?: string } }
}

/** The engine as the CLI starts it: as a program, spoken to over JSON-RPC. */
export class EngineProcess {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; stderr: string }>
  #answers = new Map<number, (answer: Answer) => void>()
  #calls = 0

  constructor(args: string[], env: Record<string, string> = {}) {
    const { PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK, ...inherited } = process.env
    this.child = spawn(file, args, { env: { ...inherited, ...env } })
    let stderr = ''
    this.child.stderr?.on('data', (chunk) => (stderr += chunk))
    this.ended = once(this.child, 'close').then(([code]) => ({ code, stderr }))
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line)
      this.#answers.get(answer.id)?.(answer)
    })
    onTestFinished(() => void this.child.kill('SIGKILL'))
  }

  static serving(datasource: { url: string; shadowDatabaseUrl?: string }, env?: Record<string, string>) {
    return new EngineProcess(['--datasource', JSON.stringify(datasource)], env)
  }

  /** A subcommand, with the lines that it logs. */
  static async command(name: string, url: string) {
    const { code, stderr } = await new EngineProcess(['--datasource', JSON.stringify({ url }), 'cli', name]).ended
    const [first, last] = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return { code, first, last }
  }

  call(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#calls
    return new Promise((resolve) => {
      this.#answers.set(id, resolve)
      this.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })
  }

  hangUp() {
    this.child.stdin?.end()
    return this.ended
  }
}

const filters = { externalTables: [], externalEnums: [] }

/** Parameters with a migrations directory of these scripts. */
export function migrations(...scripts: string[]) {
  const migrationDirectories = scripts.map((value, index) => ({
    path: `2099010100000${index}_script`,
    migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } },
  }))
  const lockfile = { path: 'migration_lock.toml', content: 'provider = "postgresql"' }
  return { migrationsList: { baseDir: '.', lockfile, shadowDbInitScript: '', migrationDirectories }, filters }
}
