import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { Adapter } from './adapter.mjs'
import { parseConnectionString } from './connection-string.mjs'
import { missingUrl } from './errors.mjs'
import { Session } from './session.mjs'
import { configuredShadowDatabase, temporaryShadowDatabase } from './shadow-database.mjs'
import { unconnectedAdapter } from './unconnected-adapter.mjs'
import { newSchemaEngine } from './wasm.mjs'

const NOTHING_EXTERNAL = { externalTables: [], externalEnums: [] }

/** The WebAssembly engine together with the databases it works on. */
export class Engine {
  #datasource
  #datamodels
  #main
  #shadows = []
  #shadowFailure

  constructor(datasource, datamodels) {
    this.#datasource = datasource
    this.#datamodels = datamodels
  }

  /** Connects when it is first needed: an engine may be asked for nothing that needs a database. */
  async connected(datamodels = this.#datamodels) {
    this.#main ??= await this.#connect(datamodels)
    return this.#main
  }

  unconnected(datamodels) {
    return this.#newEngine(datamodels, () => unconnectedAdapter)
  }

  /** The engine only says that something outside of it failed, so what did is kept until asked for. */
  causeOf(error) {
    const cause = this.#shadowFailure ?? error
    this.#shadowFailure = undefined
    return cause
  }

  async dispose() {
    for (const { value: shadow } of await Promise.allSettled(this.#shadows)) await shadow?.dispose()
    await this.#main?.adapter.dispose()
  }

  async #connect(datamodels) {
    if (!this.#datasource.url) throw missingUrl()
    const connection = parseConnectionString(this.#datasource.url)
    const session = await Session.open(connection)
    const adapter = await Adapter.create(session, connection.schema)
    const engine = await this.#newEngine(datamodels, () => adapter)
    if (datamodels) await turnPreviewFeaturesOn(engine, datamodels)
    return { connection, session, adapter, engine }
  }

  #newEngine(datamodels, connect) {
    const factory = {
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect: async () => connect(),
      connectToShadowDb: () => this.#connectToShadow(datamodels),
    }
    return newSchemaEngine(datamodels, bindMigrationAwareSqlAdapterFactory(factory))
  }

  async #connectToShadow(datamodels) {
    const shadow = this.#openShadow(datamodels)
    this.#shadows.push(shadow)
    try {
      return await shadow
    } catch (error) {
      this.#shadowFailure = error
      throw error
    }
  }

  async #openShadow(datamodels) {
    const { url, shadowDatabaseUrl } = this.#datasource
    if (!shadowDatabaseUrl) {
      const { session, connection } = await this.connected()
      return temporaryShadowDatabase(session, connection)
    }
    return configuredShadowDatabase(shadowDatabaseUrl, url, async (adapter) => {
      const engine = await this.#newEngine(datamodels, () => adapter)
      await engine.reset({ filter: NOTHING_EXTERNAL })
    })
  }
}

/**
 * The engine reads preview features out of the datamodels only when it compares with the database, and then keeps
 * them. Whether the comparison itself succeeds does not matter here: a command that needs it will say so.
 */
async function turnPreviewFeaturesOn(engine, datamodels) {
  const files = datamodels.map(([path, content]) => ({ path, content }))
  if (!files.some(({ content }) => content.includes('previewFeatures'))) return
  const from = { tag: 'schemaDatasource', files, configDir: '' }
  const params = { from, to: { tag: 'empty' }, script: false, exitCode: null, filters: NOTHING_EXTERNAL }
  await engine.diff(params).catch(() => {})
}
