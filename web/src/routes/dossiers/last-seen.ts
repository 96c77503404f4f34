import type { ListSearch } from '../../router';

/** The list as it was last seen: its order, for ‹ and › on a record, and its filters, for the way back. */
export const lastSeen: { ids: string[]; search: ListSearch } = { ids: [], search: {} };
