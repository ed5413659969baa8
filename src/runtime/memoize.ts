/** How much is remembered: so many texts, which have so many characters together. */
const MOST = { texts: 1000, characters: 500_000 }

/**
 * Remembers what `read` made of the texts that it was asked about, since an application sends the same ones again and
 * again. Whoever gets a result shares it, so nobody may change it.
 */
export function memoized<T>(read: (text: string) => T, most = MOST): (text: string) => T {
  const known = new Map<string, T>()
  let characters = 0
  let last: { text: string; result: T } | undefined
  return (text) => {
    // To compare it with the one before takes less than to look it up.
    if (last !== undefined && text === last.text) return last.result
    let result = known.get(text)
    if (result === undefined) {
      result = read(text)
      characters += text.length
      if (known.size >= most.texts || characters > most.characters) {
        known.clear()
        characters = text.length
      }
      if (text.length > most.characters) return result
      known.set(text, result)
    }
    last = { text, result }
    return result
  }
}
