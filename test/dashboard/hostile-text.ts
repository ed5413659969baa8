/** Text that markup, attributes, scripts, the direction of text or the width of a page might take badly. */
export const HOSTILE_TEXT = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '" onmouseover="alert(1)',
  '</title></pre></svg><svg onload=alert(1)>',
  '\u202egnp.exe\u202c \u2066',
  '&lt;b&gt; &#60;b&#62; {{7*7}}',
  'javascript:alert(1)',
  'x'.repeat(150),
] as const

/** What would be in a page in which one of these were markup. */
export const MARKUP = /<script>|<img|<svg onload|<b>|" onmouseover/
