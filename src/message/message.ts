/** Headers in the order they are sent; names may repeat. */
export type HeaderPairs = [name: string, value: string][]

/** Headers and body of a row. When it is encrypted, the headers are one text in base64. */
export interface StoredContent {
  headers: HeaderPairs | string | null
  body: Uint8Array | null
  /** The id of the key that both are encrypted with; null when they are not. */
  encryptionKey: string | null
}

/** What is sent. */
export interface Message {
  method: string
  url: string
  headers: HeaderPairs
  body: Uint8Array | null
}
