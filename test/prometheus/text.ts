import { expect } from 'vitest'

const SAMPLE = /^([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[\d.e+-]+|\+Inf|NaN)$/i

export interface Family {
  type: string
  /** Its lines. */
  samples: string[]
}

/** The metrics of a text by name; fails if a line is none of the format. */
export function parse(text: string): Map<string, Family> {
  expect(text.endsWith('\n')).toBe(true)
  const found = new Map<string, Family>()
  let name = ''
  for (const line of text.trimEnd().split('\n')) {
    const [, title, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? []
    if (title !== undefined && type !== undefined) {
      expect(found.has(title)).toBe(false)
      name = title
      found.set(title, { type, samples: [] })
    } else if (!line.startsWith('# HELP ')) {
      expect(line).toMatch(SAMPLE)
      expect(line.startsWith(name)).toBe(true)
      found.get(name)?.samples.push(line)
    }
  }
  return found
}

/** The names of the labels that lines have, by the name that they begin with. */
export function labelsOf(families: ReadonlyMap<string, Family>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const line of [...families.values()].flatMap(({ samples }) => samples)) {
    const [, name = '', pairs = ''] = SAMPLE.exec(line) ?? []
    const labels = found.get(name) ?? new Set()
    for (const [, label = ''] of pairs.matchAll(/([a-z_]+)="(?:[^"\\]|\\.)*"/g)) labels.add(label)
    found.set(name, labels)
  }
  return found
}
