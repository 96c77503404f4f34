// ① The file. It is read from end to end by the server before a single row is taken in.
import InboxOutlined from '@ant-design/icons/InboxOutlined';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Radio, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { upload } from '../../api/client';
import { teamsQuery } from '../../api/queries';
import { bytes } from '../../lib/format';
import { Wrong } from '../../parts/states';
import { useMay, useSession, useUnsaved } from '../../session/store';
import { Steps } from './steps';
import type { Import } from './shared';
import './imports.css';

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const sources = [
  'government_register',
  'qichacha',
  'tianyancha',
  'qixinbao',
  'dnb',
  'website',
  'linkedin',
  'visit',
  'business_card',
  'tender_file',
  'annual_report',
  'prospectus',
];

export function ImportUpload() {
  const { t } = useTranslation();
  const may = useMay();
  const { user } = useSession();
  const navigate = useNavigate();
  const teams = useQuery({ ...teamsQuery, enabled: may('manage_access') });
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  useUnsaved(Boolean(file));
  const [over, setOver] = useState(false);
  const [duplicates, setDuplicates] = useState('review');
  const [team, setTeam] = useState(user.team);
  const [source, setSource] = useState<string>();
  const [part, setPart] = useState<number>();
  const [problem, setProblem] = useState<unknown>();

  const send = async () => {
    if (!file) return;
    setProblem(undefined);
    setPart(0);
    try {
      const query = new URLSearchParams({ duplicates, team, ...(source ? { source } : {}) });
      const job = await upload<Import>(
        `/v1/imports?${query.toString()}`,
        file,
        {
          'Content-Type': /\.xlsx$/i.test(file.name) ? xlsx : 'text/csv',
          'File-Name': encodeURIComponent(file.name),
          'Idempotency-Key': crypto.randomUUID(),
        },
        setPart,
      );
      await navigate({ to: '/imports/$id', params: { id: job.id }, replace: true });
    } catch (error) {
      setProblem(error);
      setPart(undefined);
    }
  };
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('import.new')}</h1>
      </header>
      <Steps at="upload" />
      <div className="page-body narrow stack" style={{ gap: 24 }}>
        <button
          type="button"
          className={`drop plain ${over ? 'over' : ''}`}
          onClick={() => input.current?.click()}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            setFile(event.dataTransfer.files[0]);
          }}
        >
          <InboxOutlined aria-hidden="true" />
          {file ? (
            <>
              <b>{file.name}</b>
              <span className="meta">
                {bytes(file.size)} · {t('import.other')}
              </span>
            </>
          ) : (
            <>
              <b>{t('import.drop')}</b>
              <span className="meta">{t('import.formats')}</span>
            </>
          )}
        </button>
        <input
          ref={input}
          type="file"
          accept=".csv,.tsv,.txt,.xlsx"
          aria-label={t('import.file')}
          hidden
          onChange={(event) => setFile(event.target.files?.[0])}
        />
        <fieldset className="plain-set">
          <legend>{t('import.duplicatesTitle')}</legend>
          <Radio.Group value={duplicates} onChange={(event) => setDuplicates(event.target.value as string)}>
            {['review', 'skip', 'update'].map((one) => (
              <Radio key={one} value={one}>
                {t(`import.duplicates.${one}`)} <span className="meta">{t(`import.duplicatesText.${one}`)}</span>
              </Radio>
            ))}
          </Radio.Group>
        </fieldset>
        <div className="form-grid">
          {may('manage_access') && (
            <div className="field">
              <label htmlFor="import-team">{t('import.team')}</label>
              <Select
                id="import-team"
                aria-label={t('import.team')}
                value={team}
                onChange={setTeam}
                options={(teams.data?.items ?? [{ id: team, name: team }]).map((one) => ({
                  value: one.name,
                  label: one.name,
                }))}
              />
            </div>
          )}
          <div className="field">
            <label htmlFor="import-source">{t('import.source')}</label>
            <Select
              id="import-source"
              aria-label={t('import.source')}
              allowClear
              placeholder={t('edit.choose')}
              value={source}
              onChange={setSource}
              options={sources.map((key) => ({ value: key, label: t(`source.${key}`) }))}
            />
          </div>
        </div>
        {part !== undefined && (
          <p className="row" role="status">
            <progress max={100} value={Math.round(part * 100)} aria-label={t('import.uploading')} />
            {part < 1 ? t('import.sent', { part: Math.round(part * 100) }) : t('import.reading')}
          </p>
        )}
        <Wrong problem={problem} />
        <div className="row">
          <Button type="primary" disabled={!file} loading={part !== undefined} onClick={() => void send()}>
            {t('import.upload')}
          </Button>
          <Button onClick={() => void navigate({ to: '/imports' })}>{t('do.cancel')}</Button>
        </div>
      </div>
    </div>
  );
}
