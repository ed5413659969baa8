import { parseArgs } from 'node:util'
import { EngineError } from './errors.mjs'

/** What the CLI passes to its engine. Options that only the native engine can honour are read over. */
export function parseArguments(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      version: { type: 'boolean', short: 'V' },
      datamodels: { type: 'string', short: 'd', multiple: true },
      datasource: { type: 'string' },
      'enabled-preview-features': { type: 'string' },
      'extension-types': { type: 'string' },
    },
  })
  return {
    version: values.version === true,
    datamodelPaths: values.datamodels,
    datasource: parseDatasource(values.datasource ?? '{}'),
    subcommand: positionals[0],
    command: positionals[1],
  }
}

function parseDatasource(json) {
  try {
    const { url, shadowDatabaseUrl } = JSON.parse(json)
    return { url, shadowDatabaseUrl }
  } catch {
    // The parser's own message quotes what it read, and that holds a password.
    throw new EngineError('The value of --datasource is not valid JSON.')
  }
}
