// Search is sent when somebody says so, never while they type: each one is recorded. What was searched for stands in no
// address.
import SearchOutlined from '@ant-design/icons/SearchOutlined';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../api/client';
import { kindsQuery } from '../api/queries';
import type { components } from '../api/schema';
import { isMasked, type Contact, type Dossier } from '../lib/fields';
import { label } from '../lib/format';
import { Code, Level, Masked, Stage } from '../parts/marks';
import { Empty, Failed, Loading } from '../parts/states';
import { onLeaving } from '../session/store';
import './search.css';

type Hits = components['schemas']['Hits'];

// What was found last, so that Back finds it again. In memory, as all that is a customer's.
let last: { text: string; hits: Hits } | undefined;
onLeaving(() => (last = undefined));

export function SearchPage() {
  const { t } = useTranslation();
  const [text, setText] = useState(last?.text ?? '');
  const composing = useRef(false);
  const find = useMutation({
    mutationFn: (q: string) => ask(api.POST('/v1/search', { body: { q, limit: 25 } })),
    onSuccess: (hits, q) => {
      last = { text: q, hits };
    },
  });
  const hits = find.data ?? (find.isIdle ? last?.hits : undefined);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!composing.current && text.trim()) find.mutate(text.trim());
  };
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('search.title')}</h1>
      </header>
      <div className="page-body narrow">
        <form role="search" className="search-form" onSubmit={send}>
          <Input
            size="large"
            autoFocus
            allowClear
            prefix={<SearchOutlined />}
            aria-label={t('search.title')}
            aria-describedby="search-hint"
            placeholder={t('search.placeholder')}
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onCompositionStart={() => (composing.current = true)}
            onCompositionEnd={() => setTimeout(() => (composing.current = false))}
          />
          <Button type="primary" size="large" htmlType="submit" loading={find.isPending} disabled={!text.trim()}>
            {t('search.do')}
          </Button>
        </form>
        <p id="search-hint" className="meta" style={{ margin: '8px 0 24px' }}>
          {t('search.hint')}
        </p>
        {find.isError && <Failed problem={find.error} retry={() => find.mutate(text.trim())} />}
        {find.isPending && <Loading lines={5} />}
        {!find.isPending && hits && <Found hits={hits} />}
      </div>
    </div>
  );
}

function Found({ hits }: { hits: Hits }) {
  const { t } = useTranslation();
  const kinds = useQuery(kindsQuery);
  const fieldName = (hit: Dossier | Contact, name: string) => {
    const prefix = 'dossier' in hit ? 'con' : 'dos';
    const field = kinds.data?.items.find((kind) => kind.prefix === prefix)?.fields.find((one) => one.name === name);
    return name === 'code' ? t('search.code') : field ? label(field.label) : name;
  };
  if (hits.items.length === 0)
    return (
      <Empty art={<SearchOutlined style={{ fontSize: 32 }} />} title={t('search.none')}>
        {t(hits.complete ? 'search.noneText' : 'search.incomplete')}
      </Empty>
    );
  return (
    <>
      <p className="meta" role="status">
        {t(hits.more ? 'search.more' : 'search.count', { n: hits.items.length })}
        {!hits.complete && ` · ${t('search.incomplete')}`}
      </p>
      <ul className="hits">
        {hits.items.map((hit) => {
          const contact = 'dossier' in hit;
          const name = hit.fields.name ?? '';
          return (
            <li key={hit.id}>
              <Link
                to={contact ? '/dossiers/$id/$tab' : '/dossiers/$id'}
                params={contact ? { id: hit.dossier, tab: 'related' } : { id: hit.id }}
              >
                <span className="grow">
                  <b className="hit-name">
                    {isMasked(hit, 'name') ? <Masked field={t('list.name')} mask={name} /> : name || '—'}
                  </b>
                  <span className="meta row wrap">
                    {contact ? t('search.contact') : <Code of={(hit as Dossier).code} />}
                    {hit.found && (
                      <span>
                        {t(`found.${hit.found.how}`)}
                        {hit.found.field ? ` · ${fieldName(hit, hit.found.field)}` : ''}
                      </span>
                    )}
                  </span>
                </span>
                <span className="row marks">
                  <Stage of={hit.stage} />
                  <Level of={hit.level} />
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </>
  );
}
