// The map's colours for both themes; contrasts were checked against ocean and land (the page's own colours are its).
import type { ThemeName } from './types';

/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [number, number, number];

/** One colour per role on the map. */
export interface Theme {
  dark: boolean;
  oceanCentre: Colour;
  oceanEdge: Colour;
  land: Colour;
  coast: Colour;
  border: Colour;
  label: Colour;
  text: Colour;
  textQuiet: Colour;
  known: Colour;
  fresh: Colour;
  home: Colour;
  closed: Colour;
  focus: Colour;
  /** Share of `known` mixed into a country's land: least and most. */
  tint: readonly [number, number];
  /** How much the globe's land darkens towards the limb. */
  shade: number;
}

function hex(value: string): Colour {
  const n = Number.parseInt(value, 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** The two themes. */
export const THEMES: Record<ThemeName, Theme> = {
  dark: {
    dark: true,
    oceanCentre: hex('101a26'),
    oceanEdge: hex('0a0f16'),
    land: hex('1a2531'),
    coast: hex('3b5064'),
    border: hex('2b3b4b'),
    label: hex('7d92a8'),
    text: hex('e9eff6'),
    textQuiet: hex('b0bfce'),
    known: hex('5cb8f2'),
    fresh: hex('ffb454'),
    home: hex('6fe3c4'),
    closed: hex('73859a'),
    focus: hex('ffffff'),
    tint: [0.1, 0.27],
    shade: 0.28,
  },
  light: {
    dark: false,
    oceanCentre: hex('eaf1f7'),
    oceanEdge: hex('e1e9f1'),
    land: hex('fbfcfe'),
    coast: hex('a9bacb'),
    border: hex('d3dee8'),
    label: hex('526476'),
    text: hex('13202d'),
    textQuiet: hex('40525f'),
    known: hex('0a6cb3'),
    fresh: hex('9c4e00'),
    home: hex('00776a'),
    closed: hex('66778a'),
    focus: hex('13202d'),
    tint: [0.08, 0.24],
    shade: 0.1,
  },
};

const texts = new WeakMap<Colour, Map<number, string>>();

/** A CSS colour; remembered, because every mark of every frame asks for a few. */
export function css(colour: Colour, alpha = 1): string {
  let byAlpha = texts.get(colour);
  if (!byAlpha) texts.set(colour, (byAlpha = new Map<number, string>()));
  const share = Math.round(alpha * 100) / 100;
  let text = byAlpha.get(share);
  if (text === undefined) {
    text = `rgba(${Math.round(colour[0])},${Math.round(colour[1])},${Math.round(colour[2])},${share})`;
    byAlpha.set(share, text);
  }
  return text;
}

/** `share` of `b` mixed into `a`. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** The colour of a country that holds `count` of at most `most` connections. */
export function countryColour(theme: Theme, count: number, most: number): Colour {
  if (count <= 0) return theme.land;
  const [least, full] = theme.tint;
  return mix(theme.land, theme.known, least + (full - least) * Math.sqrt(count / Math.max(most, count)));
}
