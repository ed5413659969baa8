import { spawn } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

interface Outcome {
  code: number | null
  output: string
}

/** A copy of what this repository gives the Prisma CLI, so that its own migrations are never written to. */
export class PrismaProject {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'requeuest-prisma-'))

  constructor() {
    for (const part of ['prisma', 'prisma.config.ts', 'package.json', 'tsconfig.json']) {
      cpSync(path.join(root, part), this.path(part), { recursive: true })
    }
    symlinkSync(path.join(root, 'node_modules'), this.path('node_modules'))
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts)
  }

  append(file: string, text: string): void {
    appendFileSync(this.path(file), text)
  }

  migrations(): string[] {
    return readdirSync(this.path('prisma', 'migrations')).filter((name) => /^\d/.test(name))
  }

  migration(name: string): string {
    const folder = this.migrations().find((folder) => folder.endsWith(name)) ?? name
    return readFileSync(this.path('prisma', 'migrations', folder, 'migration.sql'), 'utf8')
  }

  /** Runs the real CLI. Only what `env` names of a database reaches it, and no engine but the configured one. */
  prisma(command: string, env: Record<string, string> = {}, input = ''): Promise<Outcome> {
    const { PRISMA_SCHEMA_ENGINE_BINARY, DATABASE_URL, SHADOW_DATABASE_URL, ...inherited } = process.env
    const cli = spawn(this.path('node_modules', '.bin', 'prisma'), command.split(' '), {
      cwd: this.folder,
      env: { ...inherited, NO_COLOR: '1', CHECKPOINT_DISABLE: '1', ...env },
    })
    cli.stdin.end(input)
    let output = ''
    for (const stream of [cli.stdout, cli.stderr]) stream.on('data', (chunk) => (output += chunk))
    return new Promise((resolve, reject) => {
      cli.on('error', reject)
      cli.on('close', (code) => resolve({ code, output }))
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
