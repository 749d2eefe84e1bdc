// Everything the page may import from the map, but for the still picture of it (still.ts).
export { createWorldMap } from './map';
export type * from './types';
