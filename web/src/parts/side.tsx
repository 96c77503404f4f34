// What opens beside the page: a drawer, and on a phone a sheet from below.
import { Drawer } from 'antd';
import type { ReactNode } from 'react';
import { usePhone } from '../lib/phone';

export function Side({
  title,
  close,
  children,
  extra,
  wide = false,
}: {
  title: ReactNode;
  close: () => void;
  children: ReactNode;
  extra?: ReactNode;
  wide?: boolean;
}) {
  const phone = usePhone();
  return (
    <Drawer
      open
      onClose={close}
      title={title}
      extra={extra}
      placement={phone ? 'bottom' : 'right'}
      size={phone ? '85dvh' : wide ? 640 : 480}
      mask={{ blur: false }}
      styles={{
        body: { padding: phone ? 16 : 24 },
        ...(phone ? { section: { borderRadius: '16px 16px 0 0' } } : {}),
      }}
    >
      {children}
    </Drawer>
  );
}
