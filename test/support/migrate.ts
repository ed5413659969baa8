import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')
const prismaCli = createRequire(import.meta.url).resolve('prisma/build/index.js')

/** Runs the real `prisma migrate deploy` of this repository against a database. */
export function migrateDeploy(databaseUrl: string): Promise<void> {
  return prismaCommand(databaseUrl, 'migrate', 'deploy')
}

/** Runs a command of the real Prisma CLI with this repository's schema. */
export async function prismaCommand(databaseUrl: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  await promisify(execFile)(process.execPath, [prismaCli, ...args], { cwd: root, env })
}
