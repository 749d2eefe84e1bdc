// What the reader chose for the page, as the program keeps it. Loaded when something is chosen.
import { request } from './client';
import type { NewPreferences, Preferences } from './types';

const NO_CHANGE: NewPreferences = { theme: null, single_keys: null, saved_filters: null };

/** Keeps choices; answers with all of them. */
export const keepPreferences = (change: Partial<NewPreferences>) =>
  request<Preferences>('PUT', '/preferences', { ...NO_CHANGE, ...change });
