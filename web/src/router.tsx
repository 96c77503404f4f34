// One folder or file under routes/ for each screen, as in its address. Screens are loaded when they are opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { boxes, type Box } from './api/approvals';
import type { GrantBox } from './api/grants';
import { Root } from './routes/root';
import { Missing } from './routes/missing';
import { Crashed } from './routes/crashed';
import { sessionState } from './session/store';
import { withWords } from './words';

/** A screen that comes after the first ones: with it come the words of all of them. */
const screen = (load: () => Promise<Record<string, unknown>>, name: string) =>
  lazyRouteComponent((() => withWords(load())) as never, name as never);

const root = createRootRoute({ component: Root, notFoundComponent: Missing });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./routes/sign-in'), 'SignIn'),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  component: screen(() => import('./routes/set-up'), 'SetUp'),
});

const authorize = createRoute({
  getParentRoute: () => root,
  path: '/oauth/authorize',
  component: screen(() => import('./routes/oauth/authorize'), 'Authorize'),
});

/** Everything below is for people who have signed in. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: () => {
    if (sessionState().at === 'out') throw redirect({ to: '/sign-in' });
  },
  component: lazyRouteComponent(() => import('./routes/shell'), 'Shell'),
  notFoundComponent: Missing,
});

const page = <const Path extends string>(path: Path, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => shell, path, component: screen(load, name) });

export interface ListSearch {
  stage?: number[] | undefined;
  level?: string[] | undefined;
  team?: string[] | undefined;
  industry?: string[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  set?: string | undefined;
  /** One's own columns, by the names of their fields. */
  cols?: string[] | undefined;
  show?: 'board' | undefined;
  v?: string | undefined;
  after?: string | undefined;
}

const texts = (value: unknown, of: RegExp): string[] | undefined => {
  const all = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  const good = all.filter((one) => of.test(one));
  return good.length > 0 ? good : undefined;
};
const distinct = (all: string[] | undefined) => all && [...new Set(all)].slice(0, 50);
const text = (value: unknown, of: RegExp) => (typeof value === 'string' && of.test(value) ? value : undefined);

// What stands in the address: ids, enumerations, names of fields and dates. A text that somebody typed never does.
const dossiers = createRoute({
  getParentRoute: () => shell,
  path: '/dossiers',
  validateSearch: (search: Record<string, unknown>): ListSearch => ({
    stage: texts(search.stage, /^[0-5]$/)?.map(Number),
    level: texts(search.level, /^L[1-4]$/),
    team: texts(search.team, /^(default|tea_[0-9a-z]{26})$/),
    industry: texts(search.industry, /^\d\d$/),
    from: text(search.from, /^\d{4}-\d\d-\d\d$/),
    to: text(search.to, /^\d{4}-\d\d-\d\d$/),
    set: text(search.set, /^[a-z]+$/),
    cols: distinct(texts(search.cols, /^[a-z][a-z_]{0,39}$/)),
    show: search.show === 'board' ? 'board' : undefined,
    v: text(search.v, /^[a-z]+_[0-9a-z]{1,40}$/),
    after: text(search.after, /^[A-Za-z0-9_-]{32}$/),
  }),
  component: lazyRouteComponent(() => import('./routes/dossiers/list'), 'DossierList'),
});

export interface RoleSearch {
  part?: 'fields' | 'actions' | 'rows' | 'hours' | 'inherits' | 'members' | undefined;
  /** The role that a new one begins as a copy of. */
  from?: string | undefined;
}
const role = createRoute({
  getParentRoute: () => shell,
  path: '/settings/roles/$id',
  validateSearch: (search: Record<string, unknown>): RoleSearch => ({
    part: text(search.part, /^(fields|actions|rows|hours|inherits|members)$/) as RoleSearch['part'],
    from: text(search.from, /^([A-Z]{3}|rol_[0-9a-z]{26})$/),
  }),
  component: screen(() => import('./routes/settings/roles/role'), 'RolePage'),
});

export interface LedgerSearch {
  log?: string | undefined;
  who?: string | undefined;
  action?: string | undefined;
  outcome?: string | undefined;
  record?: string | undefined;
  days?: number | undefined;
}

/** A record by id, or a customer by any form of the code. */
export const recordForm =
  /^((dos|con)_[0-7][0-9a-hjkmnp-tv-z]{25}|C[0-9A-Z]{2}\d{10}([0-9A-Z]{2}([0-5]L[1-4])?|[0-9A-Z]{4}))$/;

const ledger = <const Path extends string>(path: Path) =>
  createRoute({
    getParentRoute: () => shell,
    path,
    validateSearch: (search: Record<string, unknown>): LedgerSearch => ({
      log: text(search.log, /^(change|access\/\d{1,9})$/),
      who: text(search.who, /^((usr|cli)_[0-9a-z]{26}|os:\d{1,10}( for usr_[0-9a-z]{26})?|system)$/),
      action: text(search.action, /^[a-z_]{1,32}$/),
      outcome: text(search.outcome, /^(done|refused)$/),
      record: text(search.record, recordForm),
      days: [1, 7, 30].find((days) => days === search.days),
    }),
    component: screen(() => import('./routes/security/ledger'), 'Ledger'),
  });

export interface ApprovalSearch {
  box?: Box | undefined;
}

const approvals = <const Path extends string>(path: Path) =>
  createRoute({
    getParentRoute: () => shell,
    path,
    validateSearch: (search: Record<string, unknown>): ApprovalSearch => ({
      box: boxes.find((box) => box === search.box),
    }),
    component: screen(() => import('./routes/approvals/inbox'), 'Inbox'),
  });

export interface GrantSearch {
  box?: GrantBox | undefined;
  apply?: true | undefined;
  dossier?: string | undefined;
}

const grants = createRoute({
  getParentRoute: () => shell,
  path: '/grants',
  validateSearch: (search: Record<string, unknown>): GrantSearch => ({
    box: search.box === 'all' ? 'all' : undefined,
    apply: search.apply === true ? true : undefined,
    dossier: text(search.dossier, recordForm),
  }),
  component: screen(() => import('./routes/grants/list'), 'Grants'),
});

const tree = root.addChildren([
  signIn,
  setUp,
  authorize,
  shell.addChildren([
    page('/', () => import('./routes/home'), 'Home'),
    dossiers,
    page('/dossiers/new', () => import('./routes/dossiers/new'), 'NewDossier'),
    page('/dossiers/$id', () => import('./routes/dossiers/record'), 'RecordPage'),
    page('/dossiers/$id/$tab', () => import('./routes/dossiers/record'), 'RecordPage'),
    page('/search', () => import('./routes/search'), 'SearchPage'),
    page('/imports', () => import('./routes/imports/list'), 'ImportList'),
    page('/imports/new', () => import('./routes/imports/upload'), 'ImportUpload'),
    page('/imports/$id', () => import('./routes/imports/wizard'), 'ImportWizard'),
    page('/imports/$id/$step', () => import('./routes/imports/wizard'), 'ImportWizard'),
    page('/quality', () => import('./routes/quality'), 'Quality'),
    approvals('/approvals'),
    approvals('/approvals/$id'),
    grants,
    ledger('/security/ledger'),
    ledger('/security/ledger/$entry'),
    page('/settings/people', () => import('./routes/settings/people'), 'People'),
    page('/settings/roles', () => import('./routes/settings/roles/list'), 'RoleList'),
    role,
    page('/settings/teams', () => import('./routes/settings/teams'), 'TeamsPage'),
    page('/settings/programs', () => import('./routes/settings/programs'), 'Programs'),
    page('/settings/flows', () => import('./routes/settings/flows/list'), 'Flows'),
    page('/settings/flows/$id', () => import('./routes/settings/flows/edit'), 'EditFlow'),
    page('/settings/kinds', () => import('./routes/settings/kinds'), 'Kinds'),
    page('/settings/keys', () => import('./routes/settings/keys'), 'Keys'),
    page('/me', () => import('./routes/me/me'), 'Me'),
    page('/me/security', () => import('./routes/me/security'), 'MySecurity'),
    page('/$', () => import('./routes/missing'), 'Missing'),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  // A pointer that passes over a link asks for nothing.
  defaultPreload: false,
  defaultErrorComponent: Crashed,
  scrollRestoration: true,
  scrollToTopSelectors: ['#main'],
  getScrollRestorationKey: (location) => location.pathname + location.searchStr,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
