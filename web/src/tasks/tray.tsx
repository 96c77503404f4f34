import CloseOutlined from '@ant-design/icons/CloseOutlined';
import { Button } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { busy, dismiss, said, stop, useTasks, type Task } from './store';
import './tray.css';

/** More reasons than this are too many to read here. */
const reasons = 100;

export function TaskTray() {
  const { t } = useTranslation();
  const tasks = useTasks();
  const working = tasks.some(busy);
  useEffect(() => {
    if (!working) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', stay);
    return () => window.removeEventListener('beforeunload', stay);
  }, [working]);
  if (tasks.length === 0) return null;
  return (
    <section className="tray" aria-label={t('task.label')}>
      {tasks.map((task) => (
        <One key={task.id} task={task} />
      ))}
    </section>
  );
}

function One({ task }: { task: Task }) {
  const { t } = useTranslation();
  const good = task.done - task.failed.length;
  const running = busy(task);
  const left = task.total - task.done;
  return (
    <div className="task appear">
      <div className="row between">
        <h3>{task.name}</h3>
        {!running && (
          <Button
            size="small"
            type="text"
            icon={<CloseOutlined />}
            aria-label={t('do.close')}
            onClick={() => dismiss(task.id)}
          />
        )}
      </div>
      <progress max={task.total} value={task.done} aria-label={task.name} style={{ width: '100%' }} />
      <div className="row between">
        <span className="meta" role="status">
          {running
            ? t('task.running', { done: task.done, total: task.total })
            : task.state === 'undone'
              ? t('task.undone', { good, failed: task.failed.length })
              : said(task)}
          {!running && left > 0 && t('task.left', { n: left })}
        </span>
        {running ? (
          <Button size="small" disabled={task.state === 'stopping'} onClick={() => stop(task.id)}>
            {t('task.stop')}
          </Button>
        ) : (
          task.undo && (
            <Button size="small" onClick={task.undo}>
              {t('do.undo')}
            </Button>
          )
        )}
      </div>
      {task.ended !== undefined && (
        <p className="meta" role="alert">
          {t('task.ended', { why: task.ended || t('state.network') })}
        </p>
      )}
      {task.failed.length > 0 && (
        <ul className="meta failures" tabIndex={0} aria-label={t('task.failures')}>
          {task.failed.slice(0, reasons).map((one, n) => (
            <li key={n}>
              <code>{one.code}</code> {one.why}
            </li>
          ))}
          {task.failed.length > reasons && <li>{t('task.more', { n: task.failed.length - reasons })}</li>}
        </ul>
      )}
    </div>
  );
}
