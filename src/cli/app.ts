import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Requeuest } from '../requeuest.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'
import { say } from './output.ts'
import { findPrisma } from './prisma-config.ts'
import type { DatabaseOptions } from './session.ts'

const FILES = ['ts', 'mts', 'mjs', 'js', 'cjs'].map((extension) => `requeuest.config.${extension}`)

/** The file of the project that exports the app's own instance; undefined if there is none. */
export function findAppConfig(folder: string): string | undefined {
  return FILES.map((name) => path.join(folder, name)).find((file) => existsSync(file))
}

/** Loads the app's own instance, with its keys and renderers. */
export async function loadApp(folder: string): Promise<Requeuest> {
  const file = findAppConfig(folder)
  if (file === undefined) {
    throw new CliError(
      `This needs your application's instance: let requeuest.config.ts (or .mjs, .js) in ${folder} export it as default or as \`requeuest\`.`,
    )
  }
  const loaded = await load(folder, file).catch((error: Error) => {
    throw new CliError(`${path.basename(file)} could not be loaded: ${error.message}`)
  })
  const instance = [loaded.default, loaded.requeuest, Object(loaded.default).requeuest].find(isInstance)
  if (instance) return instance
  throw new CliError(`${path.basename(file)} must export a Requeuest instance, as default or as \`requeuest\`.`)
}

/**
 * Loads the app's own instance for a command that uses its database.
 *
 * @param otherwise - which options let the command use the database that it is given
 */
export async function loadAppWithDatabase(
  folder: string,
  { databaseUrl, schema }: Pick<DatabaseOptions, 'databaseUrl' | 'schema'>,
  otherwise: string,
): Promise<Requeuest> {
  if (databaseUrl !== undefined || schema !== undefined) {
    const message = `The instance in requeuest.config has its own database and schema: to name others, call the command ${otherwise}.`
    throw new CliError(message, EXIT.usage)
  }
  say('Database: that of the instance in requeuest.config')
  return loadApp(folder)
}

interface Loaded {
  default?: unknown
  requeuest?: unknown
}

/** By Node where that knows the language, else by the loader that Prisma reads its own config with. */
async function load(folder: string, file: string): Promise<Loaded> {
  const jiti = findJiti(folder)
  return jiti ? jiti(file, { tryNative: true }).import(file) : createRequire(file)(file)
}

type Jiti = (file: string, options: { tryNative: boolean }) => { import(file: string): Promise<Loaded> }

function findJiti(folder: string): Jiti | undefined {
  try {
    const config = createRequire(findPrisma(folder)?.resolve('@prisma/config') ?? folder)
    return createRequire(config.resolve('c12'))('jiti').createJiti
  } catch {
    return undefined
  }
}

function isInstance(value: unknown): value is Requeuest {
  const { spawn, waitFor } = Object(value) as Partial<Requeuest>
  return typeof spawn === 'function' && typeof waitFor === 'function'
}
