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

/** What a terminal takes for a command, or what shows a text in another order than it has. */
const HARMFUL = /[\p{Cc}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu

/** A text of several lines that may come from anybody, without what would harm a terminal or its reader. */
export function printable(text: string): string {
  return text.replace(HARMFUL, (character) => (/[\n\t]/.test(character) ? character : '\u{fffd}'))
}

/** As {@link printable}, for a value that could pass itself off as further lines. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, ' ')
}

/** JSON that says the same, with what {@link printable} leaves out written as escapes. */
export function printableJson(json: string): string {
  return json.replace(HARMFUL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
