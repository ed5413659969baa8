import type { RowName, Vault } from '../encryption/vault.ts'
import type { StoredContent } from '../message/message.ts'
import type { Requeuest } from '../requeuest.ts'

/** What opens encrypted rows. */
type Opener = Pick<Vault, 'open'>

/** Leaves encrypted contents out. */
export const closedVault: Opener = {
  open(_, { headers, body, encryptionKey }) {
    if (encryptionKey === null) return { headers: headers as never, body }
    return { headers: [['(encrypted)', `with the key ${encryptionKey}; --reveal decrypts it`]], body: null }
  },
}

/** Opens rows with the keys of the app's own instance. */
export function vaultOf(app: Requeuest): Opener {
  return { open: (row, stored) => app.decrypt({ ...keyOf(row), ...(stored as StoredContent) }) }
}

function keyOf(row: RowName): { id: string } | { requestId: string; number: number } {
  const [kind, id = '', number] = row.split('/')
  return kind === 'attempt' ? { requestId: id, number: Number(number) } : { id }
}
