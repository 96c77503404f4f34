// An application: the use of data for a time, or a role. It names what for, and until when.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Checkbox, Input, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apply, type NewGrant } from '../../api/grants';
import type { Right } from '../../api/people';
import { kindsQuery } from '../../api/queries';
import { dayFromNow, mostDays, useGrantWords } from '../../lib/grants';
import { label } from '../../lib/format';
import { tellWaits, waits } from '../../lib/waits';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay, useUnsaved } from '../../session/store';

type What = 'use' | 'role';
const rules = ['clear', 'openable', 'masked'] as const;
const actions: Right[] = ['reveal', 'find', 'history', 'copy', 'change', 'export', 'print', 'share'];

/** Codes or ids, however they are set apart. */
const codesIn = (text: string): string[] => [...new Set(text.split(/[\s,，、;；]+/).filter(Boolean))];

export function Apply({ roles, dossier, close }: { roles: string[]; dossier: string | undefined; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const words = useGrantWords();
  const kinds = useQuery({ ...kindsQuery, enabled: useMay()('read') }).data?.items ?? [];
  const [what, setWhat] = useState<What>('use');
  const [purpose, setPurpose] = useState('');
  const [lastDay, setLastDay] = useState(() => dayFromNow(6));
  const [lasting, setLasting] = useState(false);
  const [dossiers, setDossiers] = useState(dossier ?? '');
  const [fields, setFields] = useState<string[]>([]);
  const [rule, setRule] = useState<(typeof rules)[number]>('clear');
  const [may, setMay] = useState<Right[]>([]);
  const [role, setRole] = useState<string>();
  useUnsaved(purpose !== '' || fields.length > 0);
  const body = (): NewGrant => {
    const end = what === 'role' && lasting ? {} : { last_day: lastDay };
    if (what === 'role') return { purpose: purpose.trim(), ...end, ...(role ? { role } : {}) };
    return {
      purpose: purpose.trim(),
      ...end,
      dossiers: codesIn(dossiers),
      fields: Object.fromEntries(fields.map((path) => [path, rule])),
      actions: rule === 'openable' ? [...new Set<Right>([...may, 'reveal'])] : may,
    };
  };
  const send = useMutation({
    mutationFn: () => apply(body()),
    onSuccess: (answer: unknown) => {
      if (waits(answer)) tellWaits(answer);
      else toast(t('grants.inForce'));
      void client.invalidateQueries({ queryKey: ['grants'] });
      close();
    },
  });
  const whole =
    purpose.trim().length >= 2 && (what === 'role' ? role : fields.length > 0 && codesIn(dossiers).length > 0);
  return (
    <Modal
      open
      title={t('grants.apply')}
      onCancel={close}
      okText={t('grants.send')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !whole, loading: send.isPending }}
      onOk={() => send.mutate()}
      width={520}
    >
      <div className="stack">
        <Radio.Group
          aria-label={t('grants.what')}
          value={what}
          onChange={(event) => setWhat(event.target.value as What)}
          options={[
            { value: 'use', label: t('grants.use') },
            { value: 'role', label: t('grants.role') },
          ]}
        />
        <div className="field">
          <label htmlFor="grant-purpose">{t('grants.purpose')}</label>
          <Input
            id="grant-purpose"
            autoFocus
            autoComplete="off"
            maxLength={200}
            value={purpose}
            placeholder={t('grants.purposeExample')}
            onChange={(event) => setPurpose(event.target.value)}
          />
        </div>
        {what === 'use' ? (
          <>
            <div className="field">
              <label htmlFor="grant-dossiers">{t('grants.dossiers')}</label>
              <Input.TextArea
                id="grant-dossiers"
                rows={2}
                value={dossiers}
                placeholder={t('grants.dossiersExample')}
                onChange={(event) => setDossiers(event.target.value)}
              />
            </div>
            <div className="field">
              <label htmlFor="grant-fields">{t('grants.fields')}</label>
              <Select
                id="grant-fields"
                mode="multiple"
                aria-label={t('grants.fields')}
                value={fields}
                onChange={setFields}
                showSearch={{ optionFilterProp: 'label' }}
                options={kinds.map((kind) => ({
                  label: label(kind.label),
                  options: kind.fields.map((field) => ({
                    value: `${kind.name}.${field.name}`,
                    label: label(field.label),
                  })),
                }))}
              />
            </div>
            <div className="field">
              <span id="grant-rule">{t('grants.rule')}</span>
              <Radio.Group
                aria-labelledby="grant-rule"
                value={rule}
                onChange={(event) => setRule(event.target.value as (typeof rules)[number])}
                options={rules.map((one) => ({ value: one, label: t(`form.${one}`) }))}
              />
            </div>
            <div className="field">
              <label htmlFor="grant-actions">{t('grants.actionsBeside')}</label>
              <Select
                id="grant-actions"
                mode="multiple"
                aria-label={t('grants.actionsBeside')}
                value={may}
                onChange={setMay}
                options={actions.map((one) => ({ value: one, label: t(`right.${one}`) }))}
              />
            </div>
          </>
        ) : (
          <div className="field">
            <label htmlFor="grant-role">{t('grants.role')}</label>
            <Select
              id="grant-role"
              aria-label={t('grants.role')}
              value={role}
              onChange={setRole}
              options={roles.map((name) => ({ value: name, label: words.role(name) }))}
            />
            <Checkbox checked={lasting} onChange={(event) => setLasting(event.target.checked)}>
              {t('grants.lasting')}
            </Checkbox>
          </div>
        )}
        {!(what === 'role' && lasting) && (
          <div className="field">
            <label htmlFor="grant-until">{t('grants.lastDayOf')}</label>
            <Input
              id="grant-until"
              type="date"
              min={dayFromNow(0)}
              max={dayFromNow(mostDays - 1)}
              value={lastDay}
              onChange={(event) => setLastDay(event.target.value)}
            />
            <p className="quiet">{t('grants.most', { n: mostDays, day: dayFromNow(mostDays - 1) })}</p>
          </div>
        )}
        <p className="notice">{t('grants.how')}</p>
        <Wrong problem={send.error} />
      </div>
    </Modal>
  );
}
