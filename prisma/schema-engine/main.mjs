import { parseArguments } from './arguments.mjs'
import { runCommand } from './commands.mjs'
import { logInfo } from './log.mjs'
import { serve } from './server.mjs'
import { engineVersion } from './wasm.mjs'

export async function main(args) {
  const { version, subcommand, command, datamodelPaths, datasource } = parseArguments(args)
  if (version) {
    process.stdout.write(`schema-engine-cli ${engineVersion()}\n`)
  } else if (subcommand === 'cli') {
    logInfo(await runCommand(command, datasource))
  } else {
    serve({ datamodelPaths, datasource })
  }
}
