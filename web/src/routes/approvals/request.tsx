// One request: what it would change, who wants it and why, who has to agree, and what can be done with it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { requestQuery, type Request } from '../../api/approvals';
import { Problem } from '../../api/problem';
import type { Kind } from '../../lib/fields';
import { absolute } from '../../lib/format';
import { Code, Masked, When } from '../../parts/marks';
import { Empty, Failed, Loading } from '../../parts/states';
import { useMay } from '../../session/store';
import { Acts } from './acts';
import { Changes, Flows, SaidList } from './parts';
import { RequestState } from './state';
import { leftUntil, nameOf, titleOf } from './title';

export function RequestView({ id, kinds, went }: { id: string; kinds: Kind[]; went: () => void }) {
  const { t } = useTranslation();
  const found = useQuery(requestQuery(id));
  if (found.error instanceof Problem && [400, 404].includes(found.error.status))
    return <Empty title={t('approval.absent')}>{t('approval.absentText')}</Empty>;
  if (found.isError)
    return (
      <div className="page-body">
        <Failed problem={found.error} retry={() => void found.refetch()} />
      </div>
    );
  if (!found.data) return <Loading lines={8} />;
  const of = found.data;
  const reason = of.said.find((one) => one.what === 'asked')?.text;
  return (
    <>
      <article className="request appear" key={id} aria-labelledby="request-title">
        <header>
          <div className="row between wrap">
            <h2 id="request-title">{titleOf(of, kinds, t)}</h2>
            <RequestState of={of.state} />
          </div>
          <About of={of} />
        </header>
        <Notices of={of} kinds={kinds} />
        <section>
          <h3>{t('approval.what')}</h3>
          <Changes of={of} kinds={kinds} />
          {of.changes.length + of.moves.length + of.hidden === 0 && !of.difference && (
            <p className="quiet">
              {of.state === 'waiting'
                ? t('approval.nothing')
                : t(of.state === 'executed' ? 'approval.notKeptDone' : 'approval.notKept')}
            </p>
          )}
        </section>
        {reason && (
          <section>
            <h3>{t('approval.reason')}</h3>
            <p className="reason">{reason}</p>
          </section>
        )}
        <section>
          <h3>{t('approval.who')}</h3>
          <Flows of={of} />
        </section>
        <section>
          <h3>{t('approval.said.title')}</h3>
          <SaidList of={of} />
        </section>
      </article>
      <Acts key={`${id} ${of.state}`} of={of} went={went} />
    </>
  );
}

/** The record it is about, who asked, and until when it can be decided. */
function About({ of }: { of: Request }) {
  const { t } = useTranslation();
  const reads = useMay()('read');
  return (
    <div className="about-request">
      {of.code && (
        <p className="row wrap">
          <RequestName of={of} />
          {of.dossier && reads ? (
            <Link to="/dossiers/$id" params={{ id: of.dossier }}>
              <Code of={of.code} />
            </Link>
          ) : (
            <Code of={of.code} />
          )}
        </p>
      )}
      <p className="meta">
        {t('approval.askedBy', { name: of.asked_by })} <When at={of.asked_at} />
        {of.state === 'waiting' ? (
          <>
            {' · '}
            <time dateTime={of.approve_until}>
              {t('approval.until', { left: leftUntil(of.approve_until, t), at: absolute(of.approve_until) })}
            </time>
          </>
        ) : (
          <>
            {' · '}
            {t(`approval.state.${of.state}`)} <When at={of.since} />
          </>
        )}
      </p>
    </div>
  );
}

/** A customer is named as the reader may see it; what has no name says nothing. */
export function RequestName({ of }: { of: Request }) {
  const { t } = useTranslation();
  if (!of.name) return null;
  return /[*＊]/.test(of.name) ? <Masked field={t('list.name')} mask={of.name} /> : <span>{of.name}</span>;
}

/** What whoever decides has to know first. */
function Notices({ of, kinds }: { of: Request; kinds: Kind[] }) {
  const { t } = useTranslation();
  const reads = useMay()('read');
  const moved = (of.moved ?? []).map((name) => nameOf(kinds, of.kind, name, t)).join(t('approval.between'));
  const known = ['asker', 'flow', 'approve', 'execute'].includes(of.why ?? '');
  return (
    <>
      {of.may_not && of.own && <p className="notice">{t('approval.own')}</p>}
      {of.may_not === 'approval_twice' && <p className="notice">{t('approval.twice')}</p>}
      {of.state === 'waiting' && of.changed_since && <p className="notice warn">{t('approval.changedSince')}</p>}
      {of.state === 'agreed' && <p className="notice good">{t('approval.agreedText')}</p>}
      {of.state === 'moved' && (
        <div className="notice warn">
          <div>
            <p>{moved ? t('approval.movedWhat', { what: moved }) : t('approval.movedText')}</p>
            {of.own && of.dossier && reads && (
              <p>
                <Link to="/dossiers/$id" params={{ id: of.dossier }}>
                  {t('approval.again')}
                </Link>
              </p>
            )}
          </div>
        </div>
      )}
      {of.state !== 'moved' && of.why && (
        <p className="notice">{known ? t(`approval.ended.${of.why}`) : t('approval.failedWhy', { why: of.why })}</p>
      )}
    </>
  );
}
