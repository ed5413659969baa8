import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Declaration, readDeclarations } from './declarations.ts'

/**
 * A few words of a declaration and what stands in their place. No file is named and white space is of no account, so that
 * code can be moved and formatted. Of several declarations with the name, one alone may have those words, and once.
 */
export interface Change {
  within: string
  find: string
  replace: string
}

interface Place {
  file: string
  from: number
  to: number
}

/** Where the words are. Unless it is one place, it is not known what the change does. */
function placesOf({ within, find }: Change, root: string, declarations = readDeclarations(root)): Place[] {
  const named = declarations.filter(({ name }) => name === within)
  return named.flatMap((declaration) => placesIn(declaration, find, root))
}

/** What is wrong with the change, or null. */
export function problemOf(change: Change, root: string, declarations = readDeclarations(root)): string | null {
  const places = placesOf(change, root, declarations)
  if (places.length === 1) return null
  const isThere = declarations.some(({ name }) => name === change.within)
  return isThere
    ? `${change.within} has ${places.length} times: ${change.find}`
    : `nothing in src or prisma/migrations is named ${change.within}`
}

/** Returns the file that was changed. */
export function applyChange(change: Change, root: string): string {
  const [place] = placesOf(change, root)
  if (!place) throw new Error(`${change.within} does not have: ${change.find}`)
  const file = path.join(root, place.file)
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.slice(0, place.from) + change.replace + text.slice(place.to))
  return place.file
}

function placesIn({ file, from, to }: Declaration, find: string, root: string): Place[] {
  const words = find.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const text = readFileSync(path.join(root, file), 'utf8').slice(from, to)
  return Array.from(text.matchAll(new RegExp(words.join('\\s+'), 'g')), (match) => ({
    file,
    from: from + match.index,
    to: from + match.index + match[0].length,
  }))
}
