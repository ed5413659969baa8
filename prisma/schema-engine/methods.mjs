import { createDatabase } from './administration.mjs'
import { missingShadowUrl } from './errors.mjs'
import { ADAPTER_PREFIX, migrationError } from './migration-failure.mjs'

/** These the engine has under the same name, with the same parameters. */
const PASSED_ON = [
  'dbExecute',
  'debugPanic',
  'devDiagnostic',
  'diagnoseMigrationHistory',
  'ensureConnectionValidity',
  'introspect',
  'introspectSql',
  'markMigrationApplied',
  'markMigrationRolledBack',
  'reset',
  'schemaPush',
]

const NO_PICTURE_OF_MIGRATIONS = 'PostgreSQL shadow DB must be provided through an external factory'

/** What the CLI can call. `print` shows a text to the user and resolves when it is shown. */
export function methodsOf(engine, datasource, print) {
  const passOn = (name) => async (params) => {
    const connected = await engine.connected()
    return connected.engine[name](params)
  }
  return {
    ...Object.fromEntries(PASSED_ON.map((name) => [name, passOn(name)])),
    applyMigrations: (params) => applyMigrations(engine, params),
    createMigration: (params) => withMigrationsSeen(engine, 'createMigration', params),
    evaluateDataLoss: (params) => withMigrationsSeen(engine, 'evaluateDataLoss', params),
    createDatabase: async (params) => ({ databaseName: await createDatabase(params.datasource.url) }),
    diff: (params) => diff(engine, datasource, params, print),
    getDatabaseVersion: async () => (await engine.connected()).engine.version(),
  }
}

async function applyMigrations(engine, params) {
  const connected = await engine.connected()
  connected.adapter.failure = undefined
  try {
    return await connected.engine.applyMigrations(params)
  } catch (error) {
    const { failure } = connected.adapter
    throw failure && ADAPTER_PREFIX.test(error.message) ? migrationError(error.message, failure) : error
  }
}

/**
 * For these two the engine wants to know what the migrations add up to, but only its diagnosis can find out with
 * the shadow database that we provide. What that found is kept, so one that saw the same migrations will do.
 */
async function withMigrationsSeen(engine, method, params) {
  const connected = await engine.connected()
  try {
    return await connected.engine[method](params)
  } catch (error) {
    if (!error.message.startsWith(NO_PICTURE_OF_MIGRATIONS)) throw error
    const { migrationsList, filters } = params
    await connected.engine.devDiagnostic({ migrationsList, filters })
    return connected.engine[method](params)
  }
}

async function diff(engine, datasource, params, print) {
  const targets = [params.from, params.to]
  if (!datasource.shadowDatabaseUrl && targets.some(({ tag }) => tag === 'migrations')) throw missingShadowUrl()
  const datamodels = targets.flatMap(({ files = [] }) => files).map(({ path, content }) => [path, content])
  const differ = targets.some(({ tag }) => tag === 'schemaDatasource')
    ? (await engine.connected(datamodels)).engine
    : await engine.unconnected(datamodels)
  const { exitCode, stdout } = await differ.diff(params)
  if (stdout) await print(stdout.replace(/\n$/, ''))
  return { exitCode, stdout: null }
}
