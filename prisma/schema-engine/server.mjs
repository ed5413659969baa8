import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Engine } from './engine.mjs'
import { EngineError } from './errors.mjs'
import { logError, logPanic } from './log.mjs'
import { methodsOf } from './methods.mjs'
import { ADAPTER_PREFIX } from './migration-failure.mjs'
import { panicMessage } from './wasm.mjs'

const METHOD_NOT_FOUND = -32601
const FAILED = 4466
const PANICKED = 101
const SHUTDOWN_LIMIT_MS = 4000

/** JSON-RPC, one message a line, until the CLI hangs up. */
export function serve({ datamodelPaths, datasource }) {
  const datamodels = datamodelPaths?.map((path) => [path, readFileSync(path, 'utf8')])
  const engine = new Engine(datasource, datamodels)
  const printed = new Map()
  const methods = methodsOf(engine, datasource, (content) => {
    const id = printed.size
    send({ jsonrpc: '2.0', method: 'print', params: { content }, id })
    return new Promise((resolve) => printed.set(id, resolve))
  })

  // The engine cannot do two things at once.
  let idle = Promise.resolve()
  const input = createInterface({ input: process.stdin })
  input.on('line', (line) => {
    const message = parse(line)
    if (message.method) idle = idle.then(() => answer(engine, methods, message))
    else printed.get(message.id)?.()
  })

  // A panic inside of a promise of the engine leaves that promise pending and surfaces here.
  process.on('uncaughtException', endWith)
  process.stdout.on('error', () => shutDown(engine))
  process.on('SIGTERM', () => shutDown(engine))
  process.on('SIGINT', () => shutDown(engine))
  input.on('close', () => shutDown(engine))
}

function parse(line) {
  try {
    return JSON.parse(line)
  } catch {
    // The parser's own message quotes what it read, and that may hold a password.
    throw new EngineError('A line on stdin is not valid JSON.')
  }
}

async function answer(engine, methods, { id, method, params }) {
  if (!Object.hasOwn(methods, method)) {
    send({ jsonrpc: '2.0', id, error: rpcError(METHOD_NOT_FOUND, { message: `There is no method \`${method}\`.` }) })
    return
  }
  try {
    send({ jsonrpc: '2.0', id, result: (await methods[method](params)) ?? null })
  } catch (error) {
    if (panicMessage()) endWith(error)
    send({ jsonrpc: '2.0', id, error: rpcError(FAILED, userFacing(engine.causeOf(error))) })
  }
}

function userFacing({ name, message, code, errorCode, meta }) {
  const engineCode = name === 'SchemaConnectorError' ? code : undefined
  return { message: message.replace(ADAPTER_PREFIX, ''), error_code: errorCode ?? engineCode, meta }
}

function rpcError(code, data) {
  const message = 'An error happened. Check the data field for details.'
  return { code, message, data: { is_panic: false, meta: null, ...data } }
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

function endWith(error) {
  const panic = panicMessage()
  if (panic) logPanic(panic, error.stack)
  else logError(error)
  process.exit(panic ? PANICKED : 1)
}

/** Leaves no shadow database behind, but does not wait for a server that has stopped answering. */
async function shutDown(engine) {
  setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS)
  await engine.dispose().catch(() => {})
  process.exit(0)
}
