import { cpSync, mkdtempSync, readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { inject, onTestFinished } from 'vitest'
// Says where the schema engine is, for the processes that the tests start.
import '../../../prisma.config.ts'
import { createDatabase } from '../../support/databases.ts'
import { type Handler, type Receiver, startReceiver } from '../../support/receiver.ts'
import { run } from '../../support/run.ts'

/** A user's project in a folder of its own, with an empty database and a receiver. */
export interface Project {
  folder: string
  databaseUrl: string
  receiver: Receiver
  /** What tells its programs of the two. */
  env: Record<string, string>
  /** Runs `node`, or a tool that is installed, in the folder; returns what it printed. */
  run(program: string, ...args: string[]): Promise<string>
}

/** Copies the files of a fixture and does what the README says: `requeuest init`, `prisma generate`. */
export async function createProject(fixture: string, handler?: Handler): Promise<Project> {
  const home = inject('consumers')
  const folder = mkdtempSync(path.join(home, `${fixture}-`))
  cpSync(path.join(import.meta.dirname, '..', fixture), folder, { recursive: true })
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.txt')) renameSync(path.join(folder, file), path.join(folder, file.slice(0, -'.txt'.length)))
  }
  const receiver = await startReceiver(handler)
  onTestFinished(() => receiver.stop())
  const databaseUrl = await createDatabase(inject('serverUrl'), path.basename(folder))
  const env = { DATABASE_URL: databaseUrl, BILLING_URL: receiver.url, NEXT_TELEMETRY_DISABLED: '1' }
  const bin = (program: string) => path.join(home, 'node_modules', '.bin', program)
  const project: Project = {
    folder,
    databaseUrl,
    receiver,
    env,
    run: (program, ...args) => run(folder, program === 'node' ? program : bin(program), args, env),
  }
  await project.run('requeuest', 'init')
  await project.run('prisma', 'generate')
  return project
}
