#!/usr/bin/env node
// A stand-in for the schema engine that the Prisma CLI downloads: the same engine as WebAssembly, behind the same
// command line and the same JSON-RPC. `PRISMA_SCHEMA_ENGINE_BINARY` tells the CLI to run it.
import { logError, logInfo } from './schema-engine/log.mjs'

// The CLI skips the first line, so that must not be the one that says what is wrong.
logInfo('Starting schema engine')
try {
  const { main } = await import('./schema-engine/main.mjs')
  await main(process.argv.slice(2))
} catch (error) {
  logError(error)
  process.exitCode = 1
}
