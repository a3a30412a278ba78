import { Modal, type ModalProps } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';

/** Higher than antd has it: a form then fits on a small screen. */
const TOP = { top: 48 };

/** A dialog that is there only while it is open; when it goes, the focus is where it was before. */
export function Dialog(props: ModalProps): ReactNode {
  const [before] = useState(() => document.activeElement);
  useEffect(() => () => {
    setTimeout(() => {
      if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) before.focus();
    });
  }, [before]);
  return <Modal open style={TOP} {...props} />;
}
