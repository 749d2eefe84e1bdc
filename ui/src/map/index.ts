// Everything the page may import from the map.
export { createWorldMap } from './map';
export type * from './types';
