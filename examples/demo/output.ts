import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours text if standard output is a terminal and `NO_COLOR` is not set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Prints a step of the demo: a word, then what was done. */
export function sayStep(word: string, what: string): void {
  say(`${paint('bold', word.padEnd(12))} ${what}`)
}

/** The time of day to the millisecond, in the process's own time zone. */
export function timeOfDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Green for an accepted attempt, red for any other. */
export function paintOutcome(outcome: string, text = outcome): string {
  return paint(outcome === 'accepted' || outcome === 'delivered' ? 'green' : 'red', text)
}

/** At most `length` characters of a text. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
