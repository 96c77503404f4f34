// The draft of a role from its first change to its saving: reviewed, sent with the version that was seen, put together with
// what somebody else saved meanwhile, and taken back.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import { kindsQuery, rolesQuery } from '../../../api/queries';
import { addRole, changeRole, removeRole, restoreRole } from '../../../api/roles';
import { difference, draftOf, heirs, merge, nothing, same, type Draft, type Role } from '../../../lib/roles';
import { tellWaits, waits } from '../../../lib/waits';
import { toast } from '../../../parts/toasts';
import { ask, useSession, useUnsaved } from '../../../session/store';
import { forgetRole, knowRole } from './known';
import { firstWrong } from './work';

interface Work {
  /** The version that the draft was made from; none for a new role. */
  base?: Role | undefined;
  draft: Draft;
  /** What was typed here, while somebody else's version is looked at. */
  mine?: Draft | undefined;
}

export function useEditing(id: string, source: Role | undefined, roles: Role[], show: (path: string) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isNew, setNew] = useState(id === 'new');
  const now = isNew ? undefined : roles.find((one) => one.id === id);
  const start = (): Draft =>
    source ? { ...draftOf(source), name: t('roles.copyName', { name: source.name }) } : { ...nothing };
  const [first] = useState(start);
  const [work, setWork] = useState<Work | undefined>(isNew ? { draft: first } : undefined);
  const [reviewing, setReviewing] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [theirs, setTheirs] = useState<{ role: Role | undefined }>();
  const left = useRef(false);

  const role = isNew ? undefined : (work?.base ?? now);
  const before = role ? draftOf(role) : isNew && source ? draftOf(source) : nothing;
  const draft = work?.draft ?? before;
  const moved = difference(before, draft);
  const typed = (isNew ? !same(first, draft) : moved.length > 0) || work?.mine !== undefined;
  useUnsaved(typed);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => typed && !left.current && current.pathname !== next.pathname,
    // Signing out leaves the page whatever was typed.
    enableBeforeUnload: false,
    withResolver: true,
  });

  const become = (next: Work) => setWork(!isNew && !next.mine && same(before, next.draft) ? undefined : next);
  const change = (some: Partial<Draft>) => {
    setProblem(undefined);
    become({ ...work, base: role, draft: { ...draft, ...some } });
  };

  // Who has the role oneself sees and may something else from now on.
  const { user } = useSession();
  const renew = (saved: Role) => {
    knowRole(client, saved);
    const names = [saved.name, ...(role ? [role.name, ...heirs(role.name, roles)] : [])];
    if (!names.some((name) => user.roles.includes(name))) return;
    void ask();
    void client.invalidateQueries({ queryKey: kindsQuery.queryKey });
  };
  const takeBack = async (saved: Role) => {
    const back = await (role ? restoreRole(saved, role) : removeRole(saved.id));
    if (waits(back)) {
      tellWaits(back);
      return;
    }
    if (back) renew(back);
    else {
      if (window.location.pathname === `/settings/roles/${saved.id}`) await navigate({ to: '/settings/roles' });
      forgetRole(client, saved.id);
    }
    toast(t('roles.undone'));
  };
  const undo = (saved: Role) => () => void takeBack(saved).catch(() => toast(t('roles.undoFailed')));
  const saving = useMutation({
    mutationFn: () => (role ? changeRole(role.id, role.version, draft) : addRole(draft)),
    onSuccess: (saved) => {
      setReviewing(false);
      setProblem(undefined);
      if (waits(saved)) {
        // The request has the rules that were asked for; the page shows those that hold.
        tellWaits(saved);
        setWork(undefined);
        if (!role) {
          left.current = true;
          void navigate({ to: '/settings/roles', replace: true });
        }
        return;
      }
      renew(saved);
      toast(t(role ? 'roles.saved' : 'roles.added', { name: saved.name }), undo(saved));
      if (role) setWork(undefined);
      else {
        left.current = true;
        void navigate({ to: '/settings/roles/$id', params: { id: saved.id }, replace: true });
      }
    },
    onError: async (error) => {
      if (!(error instanceof Problem)) return;
      if (role && (error.status === 412 || error.status === 404)) {
        const fresh = await client.fetchQuery({ ...rolesQuery, staleTime: 0 }).catch(() => undefined);
        if (fresh) {
          setReviewing(false);
          setTheirs({ role: fresh.items.find((one) => one.id === role.id) });
          return;
        }
      }
      setProblem(error);
      const path = firstWrong(error);
      if (path && error.status !== 403) {
        setReviewing(false);
        show(path);
      }
    },
  });

  // What both changed, put together over their version.
  const together = () => (theirs?.role ? merge(before, draft, draftOf(theirs.role)) : draft);
  const conflict = theirs && {
    theirs: theirs.role,
    load: () => {
      const mine = together();
      setTheirs(undefined);
      if (theirs.role) setWork({ base: theirs.role, draft: draftOf(theirs.role), mine });
    },
    both: () => {
      setTheirs(undefined);
      setWork({ base: theirs.role, draft: together() });
    },
    asNew: () => {
      setTheirs(undefined);
      setNew(true);
      setWork({ draft });
    },
  };
  return {
    isNew,
    role,
    before,
    draft,
    moved,
    typed,
    problem,
    change,
    conflict,
    mine: work?.mine,
    bringBack: () => work?.mine && become({ base: work.base, draft: work.mine }),
    revert: () => {
      setProblem(undefined);
      setWork(isNew ? { draft: first } : undefined);
    },
    reviewing,
    review: () => {
      setProblem(undefined);
      setReviewing(true);
    },
    closeReview: () => setReviewing(false),
    save: () => saving.mutate(),
    busy: saving.isPending,
    /** What was typed is of no use any more. */
    letGo: () => {
      left.current = true;
    },
    leaving: blocker.status === 'blocked' ? { go: blocker.proceed, stay: blocker.reset } : undefined,
  };
}
