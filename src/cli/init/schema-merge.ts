import { findColumn, isAttribute, type Pair, type Pairs, pairBlocks, withProjectNames } from './schema-pairs.ts'
import type { Block, Entry } from './schema-reader.ts'

/** Text that goes into a declaration that the project has already. */
export interface Insertion {
  into: Block
  offset: number
  text: string
  /** Whose text it is, for the report: `HttpRequest.url`. */
  what: string
}

export interface Merge {
  insertions: Insertion[]
  /** Declarations that the project lacks altogether. */
  missing: { name: string; kind: string; text: string }[]
  /** Declarations that the project has, with the fields in them that are its own. */
  kept: { block: Block; own: string[] }[]
  /** What the project calls each packaged declaration. */
  names: Map<string, string>
}

/**
 * Finds what the project's schema lacks of the packaged one. Declarations and fields are known by their names in
 * the database, so what the project has renamed or changed is left alone, and what is added speaks of it by the
 * project's names.
 */
export function mergeSchemas(packaged: Block[], project: Block[]): Merge {
  const pairs = pairBlocks(packaged, project)
  const names = new Map(Array.from(pairs.byName, ([from, { name }]) => [from, name]))
  const merge: Merge = { insertions: [], missing: [], kept: [], names }
  for (const { ours, theirs, name } of pairs.byName.values()) {
    if (theirs) {
      const lacking = ours.entries.filter((entry) => !has(theirs, entry, pairs))
      merge.insertions.push(...lacking.map((entry) => insertion(entry, ours, theirs, pairs)))
      merge.kept.push({ block: theirs, own: ownFields(theirs, ours, pairs) })
    } else {
      merge.missing.push({ name, kind: ours.kind, text: withProjectNames(ours.text, ours, pairs) })
    }
  }
  return merge
}

function has(theirs: Block, entry: Entry, pairs: Pairs): boolean {
  if (isIndex(entry)) return theirs.entries.some((other) => isIndex(other) && indexKey(other) === indexKey(entry))
  if (isAttribute(entry)) return true
  const related = pairs.models.has(entry.type) ? pairs.byName.get(entry.type) : undefined
  if (related) return theirs.entries.some((other) => other.type === related.name)
  return findColumn(theirs, entry.column, pairs) !== undefined
}

function isIndex(entry: Entry): boolean {
  return entry.name === '@@index' || entry.name === '@@unique'
}

/** Indexes are the same when they have the same name, or none and the same fields. */
function indexKey({ code }: Entry): string {
  return /\bmap:\s*"([^"]*)"/.exec(code)?.[1] ?? code.replace(/\s/g, '')
}

function ownFields(theirs: Block, ours: Block, pairs: Pairs): string[] {
  const related = new Set(Array.from(pairs.byName.values(), ({ name }: Pair) => name))
  return theirs.entries
    .filter((entry) => !isAttribute(entry) && !related.has(entry.type) && !findColumn(ours, entry.column, pairs))
    .map((entry) => entry.name)
}

function insertion(entry: Entry, ours: Block, theirs: Block, pairs: Pairs): Insertion {
  const text = withProjectNames(entry.text, ours, pairs)
  if (isAttribute(entry)) {
    const what = `${theirs.name} ${entry.name} ${indexKey(entry)}`
    const offset = theirs.entries.find(isAttribute)?.start ?? theirs.end
    return { into: theirs, offset, text: `${text}\n`, what }
  }
  const isTaken = theirs.entries.some((other) => other.name === entry.name)
  const name = isTaken ? `requeuest${entry.name[0]?.toUpperCase()}${entry.name.slice(1)}` : entry.name
  const offset = theirs.entries.findLast((other) => !isAttribute(other))?.end ?? theirs.end
  return {
    into: theirs,
    offset,
    text: `\n${isTaken ? rename(text, entry, name) : text}`,
    what: `${theirs.name}.${name}`,
  }
}

function rename(text: string, entry: Entry, name: string): string {
  const map = entry.code.includes('@map(') ? '' : ` @map("${entry.column}")`
  return text.replace(new RegExp(`^([ \\t]*)${entry.name}\\b(.*)`, 'm'), `$1${name}$2${map}`)
}
