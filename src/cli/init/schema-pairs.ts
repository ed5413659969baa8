import type { Block, Entry } from './schema-reader.ts'

/** A packaged declaration and the one that the project has for the same table or enum. */
export interface Pair {
  ours: Block
  theirs: Block | undefined
  /** What the declaration is called in the project. */
  name: string
}

/** Everything that a name in either schema may refer to. */
export interface Pairs {
  /** By packaged name. */
  byName: Map<string, Pair>
  /** Names of all models, of the package and of the project. */
  models: Set<string>
}

export function pairBlocks(packaged: Block[], project: Block[]): Pairs {
  const models = [...packaged, ...project].filter((block) => block.kind === 'model').map((block) => block.name)
  return { byName: new Map(packaged.map((ours) => [ours.name, pair(ours, project)])), models: new Set(models) }
}

function pair(ours: Block, project: Block[]): Pair {
  const theirs = project.find((block) => block.kind === ours.kind && block.table === ours.table)
  const isTaken = project.some((block) => block.name === ours.name)
  return { ours, theirs, name: theirs?.name ?? (isTaken ? `Requeuest${ours.name}` : ours.name) }
}

export function isAttribute(entry: Entry): boolean {
  return entry.name.startsWith('@@')
}

/** The field or value that stands for a name in the database; a relation stands for none. */
export function findColumn(block: Block, column: string, { models }: Pairs): Entry | undefined {
  return block.entries.find((entry) => !isAttribute(entry) && !models.has(entry.type) && entry.column === column)
}

/** Puts the project's names for declarations and fields into packaged text. */
export function withProjectNames(text: string, ours: Block, pairs: Pairs): string {
  return text
    .split('\n')
    .map((line) => translateLine(line, ours, pairs))
    .join('\n')
}

function translateLine(line: string, ours: Block, pairs: Pairs): string {
  const type = /^\s*\w+\s+(\w+)/.exec(line)?.[1] ?? ''
  return line
    .replace(/(references:\s*)?\[([^[\]]*)\]/g, (_, references: string = '', fields: string) => {
      const names = fieldNames(references ? type : ours.name, pairs)
      return `${references}[${fields.replace(/\w+/g, (field) => names.get(field) ?? field)}]`
    })
    .replace(/\b[A-Z]\w+/g, (word) => pairs.byName.get(word)?.name ?? word)
}

function fieldNames(name: string, pairs: Pairs): Map<string, string> {
  const { ours, theirs } = pairs.byName.get(name) ?? {}
  if (!ours || !theirs) return new Map()
  return new Map(ours.entries.map((entry) => [entry.name, findColumn(theirs, entry.column, pairs)?.name ?? entry.name]))
}
