import { createHash } from 'node:crypto'

/** Where the assets are, by their content, so that browsers may keep them for ever. */
export function assetPaths(script: string, styles: string): { script: string; styles: string } {
  return { script: `/assets/${hashOf(script)}.js`, styles: `/assets/${hashOf(styles)}.css` }
}

export function assetHeaders(type: 'text/javascript' | 'text/css'): Record<string, string> {
  return { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'private, max-age=31536000, immutable' }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
