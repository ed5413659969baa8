import { withDatabaseErrors } from '../../store/db.ts'
import { selectKeysInUse } from '../../store/diagnosis.ts'
import { findAppConfig, loadApp } from '../app.ts'
import type { Session } from '../session.ts'
import type { Finding } from './finding.ts'

/** Whether the app has all keys that rows are encrypted with. Only its own instance can tell, so it needs a config file. */
export async function checkKeys({ db }: Session, folder: string): Promise<Finding[]> {
  if (findAppConfig(folder) === undefined) return []
  const keys = await withDatabaseErrors(() => selectKeysInUse(db))
  if (keys.length === 0) return []
  const app = await loadApp(folder)
  const unknown = keys.map(({ key }) => key).filter((key) => !hasKey(app, key))
  return unknown.map((key) => ({
    check: 'encryption_key',
    level: 'warning',
    message: `Rows are encrypted with the key ${key}, which the application does not have.`,
    advice: 'Put it back into `encryption.keys`: requests that are encrypted with it are not sent without.',
  }))
}

/** Without the key that is the error; with it, that such a row was never sealed. */
function hasKey(app: Awaited<ReturnType<typeof loadApp>>, key: string): boolean {
  const row = { id: '00000000-0000-0000-0000-000000000000', encryptionKey: key, headers: '', body: null }
  try {
    app.decrypt(row)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code !== 'encryption_key_missing'
  }
}
