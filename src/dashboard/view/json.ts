const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs

/**
 * The same JSON on lines of its own; null if the text is none. Numbers and strings stay as they are written: those that JavaScript
 * would round or normalise are shown as they were sent.
 */
export function prettyJson(text: string): string | null {
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  let depth = 0
  let before = ''
  let pretty = ''
  const line = () => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`
  for (const token of text.match(TOKEN) ?? []) {
    const isClosing = token === '}' || token === ']'
    if (isClosing) depth--
    const isEmpty = isClosing && (before === '{' || before === '[')
    if (before === '{' || before === '[' || before === ',' || isClosing) pretty += isEmpty ? '' : line()
    pretty += token === ':' ? ': ' : token
    if (token === '{' || token === '[') depth++
    before = token
  }
  return pretty
}

/** What is nested deeper is not indented further: a hostile body would be mostly spaces. */
const DEEPEST = 40
