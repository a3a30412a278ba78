import { Button, Checkbox, Drawer, Select } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';

import { type DrawnTask, MAIL_TYPE } from '../../bpmn/provider/serviceTask';
import { useConnectText } from '../../i18n/connect';
import { api } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { ErrorState } from '../../shared/states';
import { JsonField, readObject } from '../trial/JsonField';
import { Findings, Letter, Request, Result } from './parts';
import type { Offered, Preview, Tried } from './types';

/** Sample variables, the request or letter as it would leave, and on confirmation what the other side answers. */
export function TryCallDrawer({ task, onClose }: { task: DrawnTask; onClose: () => void }): ReactNode {
  const t = useConnectText();
  const isMail = task.type === MAIL_TYPE;
  const name = task.name === '' ? task.elementId : task.name;
  return (
    <Drawer open size="large" title={t(isMail ? 'title.email' : 'title.http', { name })} closable={{ 'aria-label': t('close') }} onClose={onClose}>
      <TryCall task={task} isMail={isMail} />
    </Drawer>
  );
}

function TryCall({ task, isMail }: { task: DrawnTask; isMail: boolean }): ReactNode {
  const t = useConnectText();
  const [variables, setVariables] = useState('');
  const [siteId, setSiteId] = useState<number | null>(null);
  const [sure, setSure] = useState(false);
  const { busy, problem, attempt } = useAttempt();
  const [preview, setPreview] = useState<Preview>();
  const [tried, setTried] = useState<Tried>();
  const sites = useSites();

  const forget = (): void => {
    setPreview(undefined);
    setTried(undefined);
    setSure(false);
  };
  const ask = (path: string): Promise<boolean> => {
    setTried(undefined);
    const body = { ...task, variables: readObject(variables) ?? {}, siteId };
    return attempt(async () => {
      if (path === '/design/calls') setTried(await api.post<Tried>(path, body, { reads: true }));
      else setPreview(await api.post<Preview>(path, body, { reads: true }));
    });
  };
  return (
    <div className="lb-try-call">
      <p className="lb-soft">{t(isMail ? 'intro.email' : 'intro.http')}</p>
      <label>
        {t('site')}
        <Select
          aria-label={t('site')}
          value={siteId}
          onChange={(value: number | null) => { setSiteId(value); forget(); }}
          options={[{ value: null, label: t('site.none') }, ...sites.map((site) => ({ value: site.id, label: site.name }))]}
          style={{ width: '100%' }}
        />
      </label>
      <JsonField label={t('variables')} value={variables} onChange={(text) => { setVariables(text); forget(); }} />
      <p className="lb-faint">{t('variables.help')}</p>
      <div className="lb-call-actions">
        <Button disabled={readObject(variables) === undefined} loading={busy && tried === undefined} onClick={() => void ask('/design/call-previews')}>
          {t(isMail ? 'preview.email' : 'preview')}
        </Button>
      </div>
      {problem ? <ErrorState problem={problem} /> : null}
      {preview ? (
        <>
          <Findings findings={preview.findings} />
          {preview.request ? <Request request={preview.request} /> : null}
          {preview.letter ? <Letter letter={preview.letter} /> : null}
          {preview.sendable ? <Send preview={preview} sure={sure} busy={busy} onSure={setSure} onSend={() => void ask('/design/calls')} /> : null}
        </>
      ) : null}
      {tried ? <Result tried={tried} /> : null}
    </div>
  );
}

interface SendProps {
  preview: Preview;
  sure: boolean;
  busy: boolean;
  onSure: (sure: boolean) => void;
  onSend: () => void;
}

function Send({ preview, sure, busy, onSure, onSend }: SendProps): ReactNode {
  const t = useConnectText();
  if (preview.letter !== null) {
    if (preview.letter.own === '') return <p className="lb-notice">{t('send.noAddress')}</p>;
    return (
      <div className="lb-call-actions">
        <Button type="primary" loading={busy} onClick={onSend}>
          {t('send.email', { address: preview.letter.own })}
        </Button>
      </div>
    );
  }
  return (
    <div className="lb-call-actions">
      <Checkbox checked={sure} onChange={(event) => onSure(event.target.checked)}>
        {t('confirm')}
      </Checkbox>
      <Button type="primary" disabled={!sure} loading={busy} onClick={onSend}>
        {t('send')}
      </Button>
    </div>
  );
}

function useSites(): Offered['sites'] {
  const [sites, setSites] = useState<Offered['sites']>([]);
  useEffect(() => {
    const control = new AbortController();
    api.get<Offered>('/design/connections', { signal: control.signal }).then(
      (found) => setSites(found.sites),
      () => {
        // Without the list the connections of the whole platform can still be tried.
      },
    );
    return () => control.abort();
  }, []);
  return sites;
}
