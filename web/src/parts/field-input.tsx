// One input for each type of field.
import { Input, Select } from 'antd';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '../lib/fields';
import { label } from '../lib/format';

interface Props {
  id: string;
  field: Field;
  value: string;
  change: (text: string) => void;
  blur?: () => void;
  keys?: (event: KeyboardEvent) => void;
  autoFocus?: boolean;
  wrong?: boolean;
  describedBy?: string | undefined;
}

const long = (field: Field) => field.type === 'text' && field.max_length > 300;

export function FieldInput({ id, field, value, change, blur, keys, autoFocus, wrong, describedBy }: Props) {
  const { t } = useTranslation();
  const status = wrong ? 'error' : '';
  if (field.type === 'choice' || field.type === 'choices') {
    const several = field.type === 'choices';
    return (
      <Select
        id={id}
        aria-label={label(field.label)}
        aria-describedby={describedBy}
        style={{ width: '100%' }}
        autoFocus={autoFocus}
        status={status}
        {...(several ? { mode: 'multiple' as const } : {})}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        defaultOpen={Boolean(autoFocus) && !several}
        placeholder={t('edit.choose')}
        value={several ? (value ? value.split(',') : []) : value || undefined}
        onChange={(next: string | string[] | undefined) => change(Array.isArray(next) ? next.join(',') : (next ?? ''))}
        onBlur={blur}
        onInputKeyDown={keys}
        options={field.options.map((option) => ({ value: option.code, label: label(option) }))}
      />
    );
  }
  const shared = {
    id,
    value,
    status,
    autoFocus,
    onBlur: blur,
    onKeyDown: keys,
    'aria-label': label(field.label),
    'aria-describedby': describedBy,
    autoComplete: 'off',
    maxLength: field.max_length || undefined,
  } as const;
  if (long(field))
    return (
      <Input.TextArea
        {...shared}
        autoSize={{ minRows: 2, maxRows: 10 }}
        onChange={(event) => change(event.target.value)}
      />
    );
  return (
    <Input
      {...shared}
      type={field.type === 'date' ? 'date' : 'text'}
      inputMode={
        field.name === 'phone' || field.name === 'mobile' ? 'tel' : field.name === 'email' ? 'email' : undefined
      }
      placeholder={field.type === 'money' ? t('edit.moneyHint') : undefined}
      onChange={(event) => change(event.target.value)}
    />
  );
}
