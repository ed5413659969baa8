import { EXIT, type ExitCode } from './exit-codes.ts'
import { printable, printableJson } from './style.ts'

/** What a command has to say. */
export interface Outcome {
  /** For `--json`. */
  data: unknown
  /** For people; made only if it is wanted. */
  text: () => string | Promise<string>
  /** @default fine */
  exitCode?: ExitCode
}

/** Why a command failed, as `--json` says it. */
export interface Failure {
  code: string
  message: string
}

/** What `--json` prints: one object, with the data or with the error. */
type Envelope = { command: string } & ({ data: unknown } | { error: Failure })

export async function printOutcome(command: string, outcome: Outcome, isJson: boolean): Promise<void> {
  if (isJson) printJson({ command, data: outcome.data } satisfies Envelope)
  else printText(await outcome.text())
  process.exitCode = outcome.exitCode ?? EXIT.fine
}

/** One line of JSON. Bytes are in base64. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(JSON.stringify(value, replaceBytes))}\n`)
}

export function printText(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`)
}

/** Says something that is no data. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}

/** `toJSON` of a Buffer has been called before. */
function replaceBytes(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key]
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64')
  return typeof value === 'bigint' ? String(value) : value
}

/** `1 request`, `12,000 requests`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}
