import CloseOutlined from '@ant-design/icons/CloseOutlined';
import { Button } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { dismiss, stop, useTasks, type Task } from './store';
import './tray.css';

export function TaskTray() {
  const { t } = useTranslation();
  const tasks = useTasks();
  const busy = tasks.some((task) => task.state === 'running');
  useEffect(() => {
    if (!busy) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', stay);
    return () => window.removeEventListener('beforeunload', stay);
  }, [busy]);
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
  const running = task.state === 'running' || task.state === 'stopping';
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
            : t(task.state === 'undone' ? 'task.undone' : 'task.done', { good, failed: task.failed.length })}
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
      {task.failed.length > 0 && (
        <ul className="meta failures">
          {task.failed.map((one) => (
            <li key={one.code}>
              <code>{one.code}</code> {one.why}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
