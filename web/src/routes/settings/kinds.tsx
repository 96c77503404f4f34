// Kinds and their fields, to read: what is guarded how, and in which form the reader sees it.
import EyeOutlined from '@ant-design/icons/EyeOutlined';
import LockOutlined from '@ant-design/icons/LockOutlined';
import StopOutlined from '@ant-design/icons/StopOutlined';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../../api/queries';
import { written } from '../../lib/fields';
import { label } from '../../lib/format';
import { Level } from '../../parts/marks';
import { Failed, Loading } from '../../parts/states';
import '../../styles/table.css';

const icons = { clear: <EyeOutlined />, masked: <LockOutlined />, hidden: <StopOutlined /> };

export function Kinds() {
  const { t } = useTranslation();
  const kinds = useQuery(kindsQuery);
  const [at, setAt] = useState(0);
  const kind = kinds.data?.items[at];
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.kinds')}</h1>
        <span className="choose" role="group" aria-label={t('nav.kinds')}>
          {kinds.data?.items.map((one, n) => (
            <button key={one.name} type="button" aria-pressed={n === at} onClick={() => setAt(n)}>
              {label(one.label)}
            </button>
          ))}
        </span>
      </header>
      {kinds.isError ? (
        <div className="page-body">
          <Failed problem={kinds.error} retry={() => void kinds.refetch()} />
        </div>
      ) : !kind ? (
        <Loading />
      ) : (
        <div className="table-wrap" tabIndex={0} role="region" aria-label={t('nav.kinds')}>
          <table className="table stacks">
            <thead>
              <tr>
                <th scope="col" style={{ paddingLeft: 24 }}>
                  {t('map.field')}
                </th>
                <th scope="col">{t('kinds.type')}</th>
                <th scope="col">{t('origin.level')}</th>
                <th scope="col">{t('kinds.mask')}</th>
                <th scope="col">{t('kinds.class')}</th>
                <th scope="col">{t('kinds.required')}</th>
                <th scope="col">{t('kinds.find')}</th>
                <th scope="col">{t('kinds.you')}</th>
                <th scope="col">{t('kinds.example')}</th>
              </tr>
            </thead>
            <tbody>
              {kind.fields.map((field) => (
                <tr key={field.name}>
                  <td style={{ paddingLeft: 24 }}>
                    {label(field.label)} <code className="meta">{field.name}</code>
                  </td>
                  <td data-label={t('kinds.type')} className="quiet">
                    {t(`type.${field.type}`)}
                  </td>
                  <td data-label={t('origin.level')}>
                    <Level of={field.level} />
                  </td>
                  <td data-label={t('kinds.mask')} className="quiet">
                    {t(`mask.${field.mask}`)}
                  </td>
                  <td data-label={t('kinds.class')} className="quiet">
                    {t('kinds.classOf', { n: field.class })}
                  </td>
                  <td data-label={t('kinds.required')} className="quiet">
                    {field.required_from ? t('kinds.from', { stage: t(`stageName.${field.required_from}`) }) : '—'}
                  </td>
                  <td data-label={t('kinds.find')} className="quiet">
                    {[
                      field.find_by_text && t('kinds.byText'),
                      (field.find || field.unique) && t('kinds.whole'),
                      field.find_by_last_four && t('kinds.lastFour'),
                    ]
                      .filter(Boolean)
                      .join('、') || '—'}
                  </td>
                  <td data-label={t('kinds.you')}>
                    <span className="tag">
                      {icons[field.shown as keyof typeof icons]} {t(`form.${field.shown}`)}
                    </span>
                  </td>
                  <td data-label={t('kinds.example')} className="quiet">
                    <span className="cut">{written(field, field.example)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
