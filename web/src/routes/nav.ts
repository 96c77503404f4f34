// What the navigation holds, and the right that each part needs. What a session may not do is not drawn.
import type { Right } from '../api/people';
import type { IconName } from '../parts/icons';

export interface Item {
  to: string;
  name: string;
  icon: IconName;
  right?: Right;
  keys?: string;
}

export const groups: { name: string; items: Item[] }[] = [
  {
    name: '',
    items: [
      { to: '/', name: 'nav.home', icon: 'home', keys: 'G H' },
      { to: '/approvals', name: 'nav.approvals', icon: 'approvals', keys: 'G A' },
      { to: '/grants', name: 'nav.grants', icon: 'grants' },
    ],
  },
  {
    name: 'nav.customers',
    items: [
      { to: '/dossiers', name: 'nav.dossiers', icon: 'dossiers', right: 'read', keys: 'G D' },
      { to: '/imports', name: 'nav.imports', icon: 'imports', right: 'import', keys: 'G I' },
      { to: '/quality', name: 'nav.quality', icon: 'quality', right: 'read', keys: 'G Q' },
    ],
  },
  {
    name: 'nav.security',
    items: [{ to: '/security/ledger', name: 'nav.ledger', icon: 'ledger', right: 'read_ledger', keys: 'G L' }],
  },
  {
    name: 'nav.settings',
    items: [
      { to: '/settings/people', name: 'nav.people', icon: 'people', right: 'manage_access', keys: 'G P' },
      { to: '/settings/roles', name: 'nav.roles', icon: 'roles', right: 'manage_access', keys: 'G R' },
      { to: '/settings/teams', name: 'nav.teams', icon: 'teams', right: 'manage_access' },
      { to: '/settings/programs', name: 'nav.programs', icon: 'programs', right: 'manage_access' },
      { to: '/settings/flows', name: 'nav.flows', icon: 'flows', right: 'manage_access' },
      { to: '/settings/kinds', name: 'nav.kinds', icon: 'kinds', right: 'read', keys: 'G K' },
      { to: '/settings/keys', name: 'nav.keys', icon: 'keys', right: 'manage_keys' },
    ],
  },
];

export const permitted = (may: (right: Right) => boolean) =>
  groups
    .map((group) => ({ ...group, items: group.items.filter((item) => !item.right || may(item.right)) }))
    .filter((group) => group.items.length > 0);
