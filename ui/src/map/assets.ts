/// <reference types="vite/client" />
// Loads the outlines. They are files beside the script, named by their content, from the page's own origin.
import hiUrl from '../../generated/hi.bin?url';
import loUrl from '../../generated/lo.bin?url';
import { decodeWorld, type World } from './geometry';

/** Fetches and decodes the coarse or the fine outlines. */
export async function loadWorld(level: 'lo' | 'hi'): Promise<World> {
  const response = await fetch(level === 'lo' ? loUrl : hiUrl);
  if (!response.ok) throw new Error(`map geometry: ${response.status} ${response.statusText}`);
  return decodeWorld(await response.arrayBuffer());
}
