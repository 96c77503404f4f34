import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { kindsQuery, qualityQuery, workOutQuality } from '../api/queries';
import { count, label } from '../lib/format';
import { When } from '../parts/marks';
import { Failed, Loading } from '../parts/states';
import './home.css';

/** Completeness: filled fields out of those that are expected at each dossier's stage. */
export function Quality() {
  const { t } = useTranslation();
  const quality = useQuery(qualityQuery);
  const again = useMutation({ mutationFn: () => workOutQuality(true) });
  const kinds = useQuery(kindsQuery);
  const fields = kinds.data?.items[0]?.fields ?? [];
  const data = quality.data;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.quality')}</h1>
        <div className="actions">
          <Button loading={quality.isFetching || again.isPending} onClick={() => again.mutate()}>
            {t('quality.again')}
          </Button>
        </div>
      </header>
      <div className="page-body narrow">
        {again.error && <Failed problem={again.error} />}
        {quality.isError ? (
          <Failed problem={quality.error} retry={() => void quality.refetch()} />
        ) : !data ? (
          <Loading />
        ) : (
          <>
            <div className="figures">
              <div>
                <p className="figure">{data.percent}%</p>
                <p className="meta">{t('quality.complete')}</p>
              </div>
              <div>
                <p className="figure">
                  {count(data.filled)}
                  <span className="quiet" style={{ fontWeight: 400 }}>
                    {' '}
                    / {count(data.expected)}
                  </span>
                </p>
                <p className="meta">{t('quality.fraction')}</p>
              </div>
              <div>
                <p className="figure">{count(data.records)}</p>
                <p className="meta">{t('quality.records')}</p>
              </div>
            </div>
            <p className="meta" style={{ marginTop: 8 }}>
              {t('quality.asOf')} <When at={data.as_of} /> · {t('quality.formula')}
            </p>
            <section className="section" style={{ marginTop: 32 }}>
              <h2 className="section-head">{t('quality.teams')}</h2>
              <ul className="bars">
                {data.teams.map((team) => (
                  <li key={team.team}>
                    <span>{team.team}</span>
                    <i aria-hidden="true">
                      <b style={{ width: `${team.percent}%` }} />
                    </i>
                    <span>
                      {team.percent}% <span className="meta">{t('quality.of', { n: count(team.records) })}</span>
                    </span>
                  </li>
                ))}
              </ul>
            </section>
            <section className="section">
              <h2 className="section-head">{t('quality.missing')}</h2>
              {data.missing.length === 0 ? (
                <p className="quiet">{t('quality.noneMissing')}</p>
              ) : (
                <ul className="bars">
                  {data.missing.map((one) => (
                    <li key={one.field}>
                      <span>
                        {label(
                          fields.find((field) => field.name === one.field)?.label ?? { zh: one.field, en: one.field },
                        )}
                      </span>
                      <i aria-hidden="true">
                        <b style={{ width: `${(one.records / Math.max(1, data.records)) * 100}%` }} />
                      </i>
                      <span>{t('quality.lacking', { n: count(one.records) })}</span>
                    </li>
                  ))}
                </ul>
              )}
            </section>
          </>
        )}
      </div>
    </div>
  );
}
