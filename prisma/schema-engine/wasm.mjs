import { readFileSync } from 'node:fs'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

const wasmFile = new URL('schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg'))

/** The module calls this by its global name when it panics. */
const panics = {
  message: undefined,
  set_message(message) {
    this.message = message
  },
}

let loaded = false

function load() {
  if (loaded) return
  globalThis.PRISMA_WASM_PANIC_REGISTRY = panics
  const module = new WebAssembly.Module(readFileSync(wasmFile))
  const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(exports)
  exports.__wbindgen_start()
  loaded = true
}

export function engineVersion() {
  load()
  return bindings.version()
}

export function newSchemaEngine(datamodels, adapterFactory) {
  load()
  // The engine logs every statement, which may be one that sets a password.
  const discardLog = () => {}
  return bindings.SchemaEngine.new({ datamodels }, discardLog, adapterFactory)
}

/** What the engine said before it panicked, or nothing if it did not. */
export function panicMessage() {
  return panics.message
}
