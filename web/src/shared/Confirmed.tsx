import { Button, type ButtonProps } from 'antd';
import { type ReactNode, useState } from 'react';

import { Dialog } from './Dialog';

interface Props extends Omit<ButtonProps, 'onClick'> {
  /** What will happen, as a question or a statement. */
  ask: string;
  /** The verb on the dialog's button; it also names the dialog. */
  verb: string;
  onConfirm: () => void;
}

/** A button that asks first: the dialog names the consequence, its button repeats the verb, and the focus is on the safe one. */
export function Confirmed({ ask, verb, onConfirm, children, ...button }: Props): ReactNode {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button {...button} onClick={() => setAsking(true)}>{children}</Button>
      {asking ? (
        <Dialog
          title={verb}
          width={420}
          okText={verb}
          okButtonProps={{ danger: button.danger ?? false }}
          cancelButtonProps={{ autoFocus: true }}
          onCancel={() => setAsking(false)}
          onOk={() => { setAsking(false); onConfirm(); }}
        >
          <p>{ask}</p>
        </Dialog>
      ) : null}
    </>
  );
}
