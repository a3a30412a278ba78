import { Modal, type ModalProps } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';

/** A dialog that is there only while it is open; when it goes, the focus is where it was before. */
export function Dialog(props: ModalProps): ReactNode {
  const [before] = useState(() => document.activeElement);
  useEffect(() => () => {
    setTimeout(() => {
      if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) before.focus();
    });
  }, [before]);
  return <Modal open {...props} />;
}
