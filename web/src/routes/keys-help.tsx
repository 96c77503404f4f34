import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { mod } from '../lib/keys';
import { useMay } from '../session/store';
import { permitted } from './nav';

export function KeysHelp({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const places = permitted(may)
    .flatMap((part) => part.items)
    .filter((item) => item.keys)
    .map((item) => [item.keys ?? '', t('keys.go', { place: t(item.name) })] as const);
  const rows: [string, (readonly [string, string])[]][] = [
    [
      t('keys.everywhere'),
      [
        [`${mod} K`, t('keys.palette')],
        ['/', t('keys.search')],
        ['?', t('keys.help')],
        ['Esc', t('keys.close')],
        ...places,
      ],
    ],
    [
      t('keys.list'),
      [
        ['J K', t('keys.move')],
        ['X', t('keys.select')],
        ['Space', t('keys.peek')],
        ['Enter', t('keys.open')],
        ['E', t('keys.edit')],
        ['F', t('keys.filter')],
        ['N', t('keys.new')],
      ],
    ],
    [
      t('keys.board'),
      [
        ['← → ↑ ↓', t('keys.cards')],
        ['S', t('keys.stage')],
      ],
    ],
    [
      t('nav.approvals'),
      [
        ['J K', t('keys.request')],
        ['A', t('approval.do.agree')],
        ['R', t('approval.do.refuse')],
      ],
    ],
    [
      t('keys.record'),
      [
        [`${mod} Enter`, t('keys.save')],
        ['Esc', t('keys.remask')],
      ],
    ],
  ];
  return (
    <Modal open onCancel={close} footer={null} title={t('me.keys')} width={720}>
      <div style={{ columns: 2, columnGap: 32 }}>
        {rows.map(([name, keys]) => (
          <section key={name} style={{ breakInside: 'avoid', marginBottom: 16 }}>
            <h3>{name}</h3>
            <dl>
              {keys.map(([key, text]) => (
                <div key={key} className="row between" style={{ minHeight: 32 }}>
                  <dt className="quiet">{text}</dt>
                  <dd className="row">
                    {key.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
