import InboxOutlined from '@ant-design/icons/InboxOutlined';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { importsQuery } from '../../api/queries';
import { bytes, count } from '../../lib/format';
import { usePhone } from '../../lib/phone';
import { When } from '../../parts/marks';
import { Empty, Failed, Loading } from '../../parts/states';
import { ImportState } from './shared';
import '../../styles/table.css';

export function ImportList() {
  const { t } = useTranslation();
  const phone = usePhone();
  const navigate = useNavigate();
  const imports = useQuery(importsQuery);
  const items = imports.data?.items ?? [];
  const add = (
    <Button type="primary" onClick={() => void navigate({ to: '/imports/new' })}>
      {t('import.new')}
    </Button>
  );
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.imports')}</h1>
        <div className="actions">{items.length > 0 && add}</div>
      </header>
      {imports.isError ? (
        <div className="page-body">
          <Failed problem={imports.error} retry={() => void imports.refetch()} />
        </div>
      ) : !imports.data ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty art={<InboxOutlined style={{ fontSize: 36 }} />} title={t('import.none')} actions={add}>
          {t('import.noneText')}
        </Empty>
      ) : phone ? (
        <ul className="cards">
          {items.map((one) => (
            <li key={one.id}>
              <Link className="card" to="/imports/$id" params={{ id: one.id }}>
                <span className="row between">
                  <b>{one.name}</b>
                  <ImportState of={one.state} />
                </span>
                <span className="meta">
                  {t('import.sum', { imported: count(one.imported), rejected: count(one.rejected) })}
                </span>
                <span className="meta">
                  <When at={one.created_at} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      ) : (
        <div className="table-wrap">
          <table className="table">
            <thead>
              <tr>
                <th scope="col" style={{ paddingLeft: 24 }}>
                  {t('import.file')}
                </th>
                <th scope="col">{t('import.stateName')}</th>
                <th scope="col" className="right">
                  {t('import.imported')}
                </th>
                <th scope="col" className="right">
                  {t('import.updated')}
                </th>
                <th scope="col" className="right">
                  {t('import.rejected')}
                </th>
                <th scope="col" className="right">
                  {t('import.duplicate')}
                </th>
                <th scope="col">{t('filter.team')}</th>
                <th scope="col">{t('import.by')}</th>
                <th scope="col">{t('import.at')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <td style={{ paddingLeft: 24 }}>
                    <Link to="/imports/$id" params={{ id: one.id }}>
                      {one.name}
                    </Link>{' '}
                    <span className="meta">{bytes(one.size)}</span>
                  </td>
                  <td>
                    <ImportState of={one.state} />
                  </td>
                  <td className="right">{count(one.imported)}</td>
                  <td className="right">{count(one.updated)}</td>
                  <td className="right">{count(one.rejected)}</td>
                  <td className="right">{count(one.duplicate)}</td>
                  <td>{one.team}</td>
                  <td>{one.by}</td>
                  <td className="quiet">
                    <When at={one.created_at} />
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
