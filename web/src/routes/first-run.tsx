// What a new installation still lacks. The state comes from what is there, so it can be left and taken up at any time.
import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import CopyOutlined from '@ant-design/icons/CopyOutlined';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { setUpQuery } from '../api/queries';
import { absolute, count } from '../lib/format';
import { changeSettings } from '../lib/settings';
import { Failed, Loading } from '../parts/states';
import { toast } from '../parts/toasts';
import './first-run.css';

/** Done on the server alone: the root key comes to no browser. */
const command = 'dossier key recovery print';
/** It fills an empty folder only, so it is no step of this installation. */
const demo = 'dossier --data DIR serve --demo';

export function FirstRun() {
  const { t } = useTranslation();
  const state = useQuery(setUpQuery);
  const data = state.data;
  if (state.isError) return <Failed problem={state.error} retry={() => void state.refetch()} />;
  if (!data) return <Loading lines={4} />;
  const sheets = data.recovery.state === 'confirmed';
  const organised = data.teams > 0 && data.people > 1;
  const left = [data.administrator, sheets, organised, data.dossiers].filter((done) => !done).length;
  const at = data.recovery.confirmed_at ? absolute(data.recovery.confirmed_at).slice(0, 10) : '';
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('firstRun.title')}</h2>
        <span className="meta">{left ? t('firstRun.left', { n: left }) : t('firstRun.all')}</span>
        {left === 0 && (
          <Button className="actions" onClick={() => changeSettings({ away: true })}>
            {t('firstRun.away')}
          </Button>
        )}
      </div>
      <ol className="run">
        <Step done={data.administrator} title={t('firstRun.administrator')} text={t('firstRun.codes')}>
          {!data.administrator && <Link to="/me/security">{t('firstRun.takeUp')}</Link>}
        </Step>
        <Step
          done={sheets}
          title={t('firstRun.recovery')}
          text={
            sheets
              ? t('firstRun.confirmed', { at })
              : data.recovery.state === 'outdated'
                ? t('firstRun.outdated', { at })
                : t('firstRun.none')
          }
        >
          {!sheets && (
            <div className="run-command">
              <p className="meta">{t('firstRun.onServer')}</p>
              <div className="row wrap">
                <code>{command}</code>
                <Button
                  icon={<CopyOutlined aria-hidden="true" />}
                  onClick={() => void navigator.clipboard.writeText(command).then(() => toast(t('firstRun.copied')))}
                >
                  {t('firstRun.copy')}
                </Button>
                <Button loading={state.isFetching} onClick={() => void state.refetch()}>
                  {t('firstRun.look')}
                </Button>
              </div>
            </div>
          )}
        </Step>
        <Step
          done={organised}
          title={t('firstRun.organisation')}
          text={
            organised
              ? t('firstRun.organised', { people: count(data.people), teams: count(data.teams) })
              : t('firstRun.alone')
          }
        >
          {data.teams === 0 && <Link to="/settings/teams">{t('teams.add')}</Link>}
          {data.people < 2 && <Link to="/settings/people">{t('people.add')}</Link>}
        </Step>
        <Step
          done={data.dossiers}
          title={t('firstRun.customers')}
          text={t(data.dossiers ? 'firstRun.there' : 'firstRun.empty')}
        >
          {!data.dossiers && (
            <>
              <Link to="/imports/new">{t('home.import')}</Link>
              <Link to="/dossiers/new">{t('list.new')}</Link>
              <p className="meta">
                {t('firstRun.try')} <code>{demo}</code>
              </p>
            </>
          )}
        </Step>
      </ol>
    </section>
  );
}

function Step({ done, title, text, children }: { done: boolean; title: string; text: string; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <li className={done ? 'done' : undefined}>
      {done ? <CheckCircleFilled aria-hidden="true" /> : <i aria-hidden="true" />}
      <div className="grow">
        <h3>
          {title}
          <span className="hear"> {t(done ? 'firstRun.done' : 'firstRun.open')}</span>
        </h3>
        <p className="quiet">{text}</p>
        {children && <div className="run-do">{children}</div>}
      </div>
    </li>
  );
}
