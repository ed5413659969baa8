import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
// Says where the schema engine is, for the processes that these tests start.
import '../../prisma.config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const TSX = path.join(root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')

export const packagedSchema = readFileSync(path.join(root, 'prisma', 'schema.prisma'), 'utf8')
export const packagedMigrations = readdirSync(path.join(root, 'prisma', 'migrations')).filter((name) =>
  /^\d/.test(name),
)

export const DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'

/** A Prisma project in a temporary folder, with this repository's Prisma installed in it. */
export class TestProject {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'requeuest-project-'))

  constructor(files: Record<string, string>) {
    onTestFinished(() => rmSync(this.folder, { recursive: true }))
    symlinkSync(path.join(root, 'node_modules'), path.join(this.folder, 'node_modules'))
    this.write({ 'package.json': '{ "type": "module" }', ...files })
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }

  read(name: string): string {
    return readFileSync(path.join(this.folder, name), 'utf8')
  }

  /** Changes a file, and fails where there is nothing to change. */
  edit(name: string, from: string | RegExp, to: string): void {
    const before = this.read(name)
    const after = before.replace(from, to)
    if (after === before) throw new Error(`${name} does not contain ${from}`)
    this.write({ [name]: after })
  }

  /** Every file and what is in it. */
  snapshot(): Record<string, string> {
    const names = readdirSync(this.folder, { recursive: true, withFileTypes: true })
    const files = names.filter((entry) => entry.isFile())
    const relative = files.map((entry) => path.relative(this.folder, path.join(entry.parentPath, entry.name)))
    return Object.fromEntries(relative.sort().map((name) => [name, this.read(name)]))
  }

  migrations(): string[] {
    return readdirSync(path.join(this.folder, 'prisma', 'migrations')).sort()
  }

  prisma(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
    return run([path.join(root, 'node_modules', 'prisma', 'build', 'index.js'), ...args], this.folder, env)
  }

  /** The command as a process. */
  requeuest(...args: string[]): Promise<string> {
    return run(['--import', TSX, path.join(root, 'src', 'cli', 'main.ts'), ...args], this.folder)
  }

  /** A program of the project's. */
  tsx(program: string, env: NodeJS.ProcessEnv): Promise<string> {
    return run(['--import', TSX, program], this.folder, env)
  }
}

async function run(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  return (await promisify(execFile)(process.execPath, args, { cwd, env: { ...process.env, ...env } })).stdout
}
