import { Modal, type ModalProps } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';

const FIELDS = 'input:not([type="hidden"]):not(:disabled), select:not(:disabled), textarea:not(:disabled)';

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
  const body = useRef<HTMLDivElement>(null);
  const { children, ...rest } = props;
  return (
    <Modal
      open style={TOP} {...rest}
      afterOpenChange={(open) => {
        // To the first field, so that one can type at once; a dialog without any keeps what the browser does.
        if (open && !body.current?.contains(document.activeElement)) body.current?.querySelector<HTMLElement>(FIELDS)?.focus();
        // Over another dialog the safe button loses the focus it asked for.
        if (open && props.cancelButtonProps?.autoFocus) body.current?.closest('.ant-modal')?.querySelector<HTMLElement>('.ant-modal-footer button')?.focus();
        props.afterOpenChange?.(open);
      }}
    >
      <div ref={body}>{children}</div>
    </Modal>
  );
}
