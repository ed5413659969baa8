import { createRequire } from 'node:module'
import path from 'node:path'
import { CliError } from './failure.ts'

/** What is read of a project's `prisma.config.ts`. */
export interface PrismaConfig {
  schema?: string
  migrations?: { path?: string }
  datasource?: { url?: string }
}

/** Characters of a line. */
const MOST_SHOWN = 200

interface LoadedConfig {
  config?: PrismaConfig
  resolvedPath: string | null
  error?: { _tag: string; error?: Error }
}

/**
 * Prisma's own loader, the one of the project, since a config file may be anything from TypeScript to JSON.
 *
 * @param hint - how to do without the config, for the message if it cannot be loaded
 * @returns what the config says; nothing if there is none
 */
export async function loadPrismaConfig(folder: string, hint: string): Promise<PrismaConfig> {
  const prisma = findPrisma(folder)
  if (prisma === undefined) {
    throw new CliError(`Prisma is not installed in ${folder}: run \`npm install prisma @prisma/client\` first.`)
  }
  const load: (input: { configRoot: string }) => Promise<LoadedConfig> = prisma('@prisma/config').loadConfigFromFile
  const { config, error, resolvedPath } = await load({ configRoot: folder })
  if (config) return config
  const reason = error?.error?.message ?? error?._tag ?? ''
  // Of a config that is not as it should be, Prisma prints its whole type, several times.
  const lines = reason.split('\n').map((line) => (line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN)}…` : line))
  throw new CliError(`The Prisma config ${resolvedPath} could not be loaded: ${lines.join('\n')}\n${hint}`)
}

/** `require` as the project's `prisma` has it; undefined if that is not installed. */
export function findPrisma(folder: string): NodeJS.Require | undefined {
  try {
    return createRequire(createRequire(path.join(folder, 'package.json')).resolve('prisma/package.json'))
  } catch {
    return undefined
  }
}
