import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { missingUrl } from './errors.mjs'

const ASKS_FOR_VERSION = /^SELECT EXISTS\(SELECT 1 FROM pg_namespace WHERE nspname = \$1\), version\(\)/
const ANSWER = {
  columnNames: ['exists', 'version', 'numeric_version'],
  columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
  rows: [[true, 'PostgreSQL', 180000]],
}

function refuse() {
  throw missingUrl()
}

/**
 * For comparing what is not in a database. The engine asks for the server's version as soon as it starts, even
 * when nothing that it is going to do needs a server.
 */
export const unconnectedAdapter = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  queryRaw({ sql }) {
    if (!ASKS_FOR_VERSION.test(sql)) refuse()
    return ANSWER
  },
  executeRaw: refuse,
  executeScript: refuse,
  startTransaction: refuse,
  getConnectionInfo: () => ({ supportsRelationJoins: true }),
  dispose: () => {},
}
