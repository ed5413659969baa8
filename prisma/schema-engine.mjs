#!/usr/bin/env node
// A stand-in for the schema engine that the Prisma CLI downloads: the same engine as WebAssembly, behind the
// same command line and the same JSON-RPC. See `PRISMA_SCHEMA_ENGINE_BINARY` in Prisma's documentation.
import { logError } from './schema-engine/log.mjs'

try {
  const { main } = await import('./schema-engine/main.mjs')
  await main(process.argv.slice(2))
} catch (error) {
  logError(error)
  process.exit(1)
}
