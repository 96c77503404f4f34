/** The order in which the list was last seen, for ‹ and › on a record. */
export const lastSeen: { ids: string[] } = { ids: [] };
