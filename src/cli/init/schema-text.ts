import type { Insertion } from './schema-merge.ts'

const HEADER = `// Requeuest's models. \`requeuest init\` adds what is missing here and changes nothing that is here, so that
// fields of your own, such as the other side of a relation, stay.`

/** The text with the insertions in it and everything else as it was. */
export function insertAll(text: string, insertions: Insertion[]): string {
  let result = ''
  let from = 0
  for (const { offset, text: inserted } of insertions.toSorted((a, b) => a.offset - b.offset)) {
    result += text.slice(from, offset) + likeLinesOf(text, inserted)
    from = offset
  }
  return result + text.slice(from)
}

/** The text, if the file exists, with declarations after it. */
export function appendDeclarations(text: string | undefined, declarations: string[]): string {
  const isMarked = text?.replaceAll('\r', '').includes(HEADER)
  const added = `${(isMarked ? declarations : [HEADER, ...declarations]).join('\n\n')}\n`
  if (!text) return added
  return text + likeLinesOf(text, `${text.endsWith('\n') ? '' : '\n'}\n${added}`)
}

function likeLinesOf(text: string, added: string): string {
  return text.includes('\r\n') ? added.replaceAll('\n', '\r\n') : added
}
