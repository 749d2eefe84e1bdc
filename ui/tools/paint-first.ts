// Lets the shell of the page be painted before its program arrives: the style sheet is asked for first, and the script
// gives way to it.
import type { Plugin } from 'vite';

const SCRIPT = /\s*<script type="module"[^>]*><\/script>/;
const STYLE = /<link rel="stylesheet"[^>]*>/;

/** Puts the script behind the style sheet in the built page and lowers its priority. */
export function paintFirst(): Plugin {
  return {
    name: 'paint-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const script = SCRIPT.exec(html)?.[0];
        const style = STYLE.exec(html)?.[0];
        if (!script || !style) throw new Error('the page has no script or no style sheet of its own');
        const later = script.replace('<script ', '<script fetchpriority="low" ');
        return html.replace(script, '').replace(style, style + later);
      },
    },
  };
}
