// One role: its rules in parts, one draft over all of them, saved against the version that was seen.
import LeftOutlined from '@ant-design/icons/LeftOutlined';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '../../../api/queries';
import { inherited, partOf, parts, type Part, type Role } from '../../../lib/roles';
import { isBuiltIn } from '../../../parts/roles';
import { Empty, Failed, Loading } from '../../../parts/states';
import { ActionsPart } from './actions';
import { Conflict } from './conflict';
import { FieldsPart } from './fields';
import { HoursPart } from './hours';
import { InheritsPart } from './inherits';
import { MembersPart } from './members';
import { Remove } from './remove';
import { RowsPart } from './rows';
import { Review } from './save';
import { useEditing } from './editing';
import { firstWrong, wrongAbout, type PartProps } from './work';
import '../../../styles/table.css';
import './roles.css';

export function RolePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { from } = useSearch({ strict: false }) as { from?: string };
  const roles = useQuery(rolesQuery);
  if (roles.isError)
    return (
      <div className="page-body">
        <Failed problem={roles.error} retry={() => void roles.refetch()} />
      </div>
    );
  if (!roles.data) return <Loading lines={12} />;
  const source = roles.data.items.find((one) => one.id === from);
  return <Editor key={id === 'new' ? `new ${from ?? ''}` : id} id={id} source={source} roles={roles.data.items} />;
}

function Editor({ id, source, roles }: { id: string; source: Role | undefined; roles: Role[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { part = 'fields' } = useSearch({ strict: false }) as { part?: Part };
  const edit = useEditing(id, source, roles, (path) => {
    const wanted = partOf(path);
    if (wanted)
      void navigate({ to: '/settings/roles/$id', params: { id }, search: (all) => ({ ...all, part: wanted }) });
  });
  const [removing, setRemoving] = useState(false);
  const { role, draft, moved, isNew, problem } = edit;
  if (!role && !isNew)
    return (
      <Empty page title={t('roles.absent')} actions={<Link to="/settings/roles">{t('roles.back')}</Link>}>
        {t('roles.absentText')}
      </Empty>
    );
  const change = role?.built_in ? undefined : edit.change;
  const above = inherited(draft, roles, role?.id);
  const props: PartProps = { draft, change, roles, above, problem };
  const wrongPath = problem && firstWrong(problem);
  const wrongName = wrongAbout(problem, 'name');
  return (
    <div className="page role-page">
      <header className="page-head">
        <Link className="back" to="/settings/roles" aria-label={t('roles.back')}>
          <LeftOutlined />
        </Link>
        <h1>{draft.name.trim() || t('roles.add')}</h1>
        {role && isBuiltIn(role.name) && <span className="meta">{t(`role.${role.name}`)}</span>}
        {role?.built_in && <span className="tag">{t('roles.builtIn')}</span>}
        {draft.inherits.length > 0 && (
          <span className="meta over">
            {t('roles.inherits')} {draft.inherits.join(t('state.between'))}
          </span>
        )}
        {role && !role.built_in && <span className="meta over">{t('roles.version', { n: role.version })}</span>}
        {role && (
          <div className="actions">
            {!role.built_in && <Button onClick={() => setRemoving(true)}>{t('roles.remove')}</Button>}
            <Button
              type={role.built_in ? 'primary' : 'default'}
              onClick={() =>
                void navigate({ to: '/settings/roles/$id', params: { id: 'new' }, search: { from: role.id } })
              }
            >
              {t('roles.copy')}
            </Button>
          </div>
        )}
      </header>
      {role?.built_in && <p className="notice rule-note">{t('roles.builtInText')}</p>}
      {edit.conflict && role && <Conflict base={role} mine={draft} {...edit.conflict} />}
      {edit.mine && (
        <p className="notice rule-note row between">
          <span>{t('roles.mineKept')}</span>
          <Button onClick={edit.bringBack}>{t('roles.mineBack')}</Button>
        </p>
      )}
      {change && (
        <div className="field role-name">
          <label htmlFor="role-name">{t('rule.name')}</label>
          <Input
            id="role-name"
            autoFocus={isNew}
            autoComplete="off"
            maxLength={64}
            status={wrongName ? 'error' : ''}
            aria-describedby={wrongName ? 'role-name-wrong' : 'role-name-hint'}
            value={draft.name}
            onFocus={(event) => isNew && !edit.typed && event.target.select()}
            onChange={(event) => change({ name: event.target.value })}
          />
          {wrongName ? (
            <span id="role-name-wrong" className="wrong" role="alert">
              {wrongName}
            </span>
          ) : (
            <span id="role-name-hint" className="hint">
              {t('roles.nameHint')}
            </span>
          )}
        </div>
      )}
      <nav className="side-tabs role-tabs" aria-label={t('roles.parts')}>
        {parts
          .filter((one) => one !== 'members' || role)
          .map((one) => (
            <Link
              key={one}
              to="/settings/roles/$id"
              params={{ id }}
              search={{ part: one, ...(source ? { from: source.id } : {}) }}
              replace
              resetScroll={false}
              aria-current={one === part ? 'true' : undefined}
            >
              {t(`rolePart.${one}`)}
              {one === 'members' && role && <span className="meta"> {role.holders}</span>}
              {wrongPath && partOf(wrongPath) === one && <i className="dot wrong-dot" aria-hidden="true" />}
            </Link>
          ))}
      </nav>
      <div className="role-part">
        {part === 'fields' && <FieldsPart {...props} />}
        {part === 'actions' && <ActionsPart {...props} />}
        {part === 'rows' && <RowsPart {...props} />}
        {part === 'hours' && <HoursPart {...props} />}
        {part === 'inherits' && <InheritsPart {...props} self={role?.id} />}
        {part === 'members' && role && <MembersPart role={role} roles={roles} />}
      </div>
      {change && (isNew || moved.length > 0) && (
        <div className="table-foot">
          <span className="quiet" aria-live="polite">
            {t('roles.changed', { n: moved.length })}
            {role && ` · ${t('roles.affects', { n: role.holders })}`}
          </span>
          <span className="right">
            <Button onClick={edit.revert} disabled={moved.length === 0}>
              {t('roles.revert')}
            </Button>
            <Button type="primary" disabled={!draft.name.trim() || Boolean(edit.conflict)} onClick={edit.review}>
              {t(isNew ? 'roles.addDo' : 'roles.saveDo')}
            </Button>
          </span>
        </div>
      )}
      {edit.reviewing && (
        <Review
          role={role}
          before={edit.before}
          draft={draft}
          roles={roles}
          problem={problem}
          busy={edit.busy}
          close={edit.closeReview}
          save={edit.save}
        />
      )}
      {removing && role && <Remove role={role} gone={edit.letGo} close={() => setRemoving(false)} />}
      {edit.leaving && (
        <Modal
          open
          title={t('roles.leave')}
          okText={t('roles.leaveDo')}
          cancelText={t('roles.stay')}
          okButtonProps={{ danger: true }}
          onOk={edit.leaving.go}
          onCancel={edit.leaving.stay}
          width={400}
        >
          <p>{t('roles.leaveText')}</p>
        </Modal>
      )}
    </div>
  );
}
