import { canConnect, createDatabase, dropDatabase } from './administration.mjs'
import { EngineError, missingUrl } from './errors.mjs'

const commands = {
  'can-connect-to-database': async (url) => {
    await canConnect(url)
    return 'Connection successful'
  },
  'create-database': async (url) => `Database '${await createDatabase(url)}' was successfully created.`,
  'drop-database': async (url) => {
    await dropDatabase(url)
    return 'The database was successfully dropped.'
  },
}

/** Runs what follows `cli` on the command line and returns what to report. */
export async function runCommand(name, { url }) {
  if (!Object.hasOwn(commands, name)) throw new EngineError(`There is no command \`${name}\`.`)
  if (!url) throw missingUrl()
  return commands[name](url)
}
