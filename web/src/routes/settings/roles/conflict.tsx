// Somebody else was faster: what they changed is shown, and nothing that was typed here is lost.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { clashes, difference, draftOf, type Draft, type Role } from '../../../lib/roles';
import { Differences } from './differences';

interface Props {
  base: Role;
  mine: Draft;
  /** None where the role is gone. */
  theirs: Role | undefined;
  load: () => void;
  both: () => void;
  asNew: () => void;
}

export function Conflict({ base, mine, theirs, load, both, asNew }: Props) {
  const { t } = useTranslation();
  const from = draftOf(base);
  return (
    <div className="rule-conflict appear" role="alertdialog" aria-label={t('roles.conflict')}>
      {theirs && <h2>{t('roles.conflict')}</h2>}
      <p>{t(theirs ? 'roles.conflictText' : 'roles.conflictGone')}</p>
      {theirs && <Differences of={difference(from, draftOf(theirs))} marked={clashes(from, mine, draftOf(theirs))} />}
      <div className="row wrap">
        {theirs ? (
          <>
            <Button autoFocus onClick={load}>
              {t('roles.useTheirs')}
            </Button>
            <Button type="primary" onClick={both}>
              {t('roles.useBoth')}
            </Button>
          </>
        ) : (
          <Button autoFocus type="primary" onClick={asNew}>
            {t('roles.saveAsNew')}
          </Button>
        )}
      </div>
    </div>
  );
}
