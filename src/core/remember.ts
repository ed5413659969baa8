/** How much is remembered: so many texts, which have so many characters together. */
const MOST = { texts: 1000, characters: 500_000 }

/**
 * Remembers what `read` made of the texts that it was asked about, since an application sends the same ones again and
 * again. Whoever gets a result shares it, so nobody may change it.
 */
export function remembering<T>(read: (text: string) => T, most = MOST): (text: string) => T {
  const known = new Map<string, T>()
  let characters = 0
  return (text) => {
    let result = known.get(text)
    if (result === undefined) {
      result = read(text)
      characters += text.length
      if (known.size >= most.texts || characters > most.characters) {
        known.clear()
        characters = text.length
      }
      if (text.length <= most.characters) known.set(text, result)
    }
    return result
  }
}
