import { Button } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';

import { usePeopleText } from '../../i18n/people';
import { Confirmed } from '../../shared/Confirmed';
import { Dialog } from '../../shared/Dialog';
import { Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { CopyButton } from '../CopyButton';
import { useAction } from '../useAction';

export interface FirstPassword {
  login: string;
  name: string;
  password: string;
}

/** A text that a spreadsheet might take for a formula gets an apostrophe. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function save(lines: string[][]): void {
  const link = document.createElement('a');
  const content = `\uFEFF${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
  link.href = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }));
  link.download = 'initial-passwords.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Passwords that are told once: they are kept (a sheet, slips, the clipboard) before the dialog closes, and the browser asks before the page is left. */
export function FirstPasswords({ rows, onClose }: { rows: FirstPassword[]; onClose: () => void }): ReactNode {
  const t = usePeopleText();
  const { run } = useAction();
  const [kept, setKept] = useState(false);
  useEffect(() => {
    if (kept) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [kept]);
  useEffect(() => {
    const printed = (): void => setKept(true);
    addEventListener('afterprint', printed);
    return () => removeEventListener('afterprint', printed);
  }, []);
  const download = (): Promise<void> => {
    save([[t('first.login'), t('first.name'), t('first.password')], ...rows.map((row) => [row.login, row.name, row.password])]);
    setKept(true);
    return Promise.resolve();
  };
  const alone = rows.length === 1 ? rows[0] : undefined;
  return (
    <Dialog
      title={t('first.title', { n: rows.length })}
      width={640}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <>
          <Button onClick={() => void run(download, t('first.downloaded'))}>{t('first.download')}</Button>
          <Button onClick={() => print()}>{t('first.print')}</Button>
          {alone ? <CopyButton text={alone.password} onCopied={() => setKept(true)} /> : null}
          {kept ? <Button type="primary" onClick={onClose}>{t('first.close')}</Button> : <Confirmed danger ask={t('first.closeAsk')} verb={t('first.closeAnyway')} onConfirm={onClose}>{t('first.close')}</Confirmed>}
        </>
      }
    >
      <Notice tone="warn">{t('first.once')}</Notice>
      <p className="lb-soft">{t('first.hint')}</p>
      <WideTable<FirstPassword>
        rowKey="login"
        dataSource={rows}
        columns={[
          { title: t('first.login'), render: (_, row) => <code>{row.login}</code> },
          { title: t('first.name'), dataIndex: 'name' },
          { title: t('first.password'), render: (_, row) => <code>{row.password}</code> },
        ]}
      />
      <div className="lb-slips" aria-hidden="true">
        {rows.map((row) => (
          <section key={row.login}>
            <strong>{t('first.slip')}</strong>
            <div>{row.name}</div>
            <div>{t('first.address')}: {location.origin}/staff/</div>
            <div>{t('first.login')}: <code>{row.login}</code></div>
            <div>{t('first.password')}: <code>{row.password}</code></div>
            <div>{t('first.slipHint')}</div>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
