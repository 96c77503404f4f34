// Entries to be handed on, with their proofs, as one file that can be checked off-line.
import DownloadOutlined from '@ant-design/icons/DownloadOutlined';
import { Button, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { count } from '../../lib/format';
import { usePhone } from '../../lib/phone';
import type { Entry } from '../../lib/verify';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';

/** Most entries that one pack has. */
const most = 500;

/** What is exported is said first: entries of one log, newest first. */
export function ExportEvidence({ entries }: { entries: Entry[] }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const ids = entries.slice(0, most).map((one) => one.id);
  const name = [...new Set([ids.at(-1), ids[0]])].join('_');
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const pack = await ask(api.POST('/v1/ledger/evidence', { body: { entries: ids } }));
      const url = URL.createObjectURL(new Blob([JSON.stringify(pack)], { type: 'application/json' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = `${name}.evidence.json`;
      link.click();
      URL.revokeObjectURL(url);
      setOpen(false);
      toast(t('evidence.done', { n: count(pack.entries.length) }));
    } catch (why) {
      setProblem(why);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setProblem(undefined);
      }}
      trigger="click"
      placement={phone ? 'bottom' : 'bottomRight'}
      content={
        <section className="evidence stack small" aria-label={t('evidence.export')}>
          <b>{t('evidence.title', { n: count(ids.length) })}</b>
          <p>
            <code>{ids.at(-1)}</code>
            {ids.length > 1 && (
              <>
                {' – '}
                <code>{ids[0]}</code>
              </>
            )}
          </p>
          {entries.length > most && <p>{t('evidence.most', { n: count(most) })}</p>}
          <p className="meta">{t('evidence.about')}</p>
          <Wrong problem={problem} />
          <Button type="primary" block loading={busy} onClick={() => void save()}>
            {t('evidence.do')}
          </Button>
        </section>
      }
    >
      <Button icon={<DownloadOutlined />} disabled={ids.length === 0}>
        {t('evidence.export')}
      </Button>
    </Popover>
  );
}
