/** The CLI reads stderr as one JSON object a line; it takes what an `ERROR` says for the reason of an exit. */
function log(level, fields) {
  const line = { timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' }
  process.stderr.write(`${JSON.stringify(line)}\n`)
}

export function logInfo(message) {
  log('INFO', { message })
}

// Only the message is told: other properties of an error can hold the connection string.
export function logError(error) {
  log('ERROR', { is_panic: false, error_code: error.errorCode ?? '', message: error.message })
}

export function logPanic(message, backtrace) {
  log('ERROR', { is_panic: true, message, backtrace })
}
