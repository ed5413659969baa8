import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours a text, if what is printed goes to a terminal that wants it (https://no-color.org). */
export function style(format: Format, text: string): string {
  return isColoured() ? styleText(format, text) : text
}

function isColoured(): boolean {
  return process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}

const STATE_FORMATS: Readonly<Record<string, Format>> = {
  delivered: 'green',
  accepted: 'green',
  failed: 'red',
  rejected: 'red',
  cancelled: 'yellow',
  claimed: 'cyan',
  pending: 'blue',
}

/** A state of a request, or the outcome of an attempt, in its colour. */
export function styleState(state: string): string {
  return style(STATE_FORMATS[state] ?? 'reset', state)
}

/** A text that may come from anybody, without what a terminal would take for a command. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}')
}
