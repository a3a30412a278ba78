import { Button, Form, Input, InputNumber } from 'antd';
import { type ReactNode, useState } from 'react';

import type { components } from '../../api/schema';
import { moment } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { useResource } from '../../case/resource';
import { Tag, type TagTone } from '../../case/tags';
import { usePlacesText } from '../../i18n/places';
import { api } from '../../shared/api/client';
import { Confirmed } from '../../shared/Confirmed';
import { Dialog } from '../../shared/Dialog';
import { Loading, Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { CopyButton } from '../CopyButton';
import { FormDialog } from '../FormDialog';
import type { SiteRow } from '../types';
import { useAction } from '../useAction';

type Keys = components['schemas']['SiteKeysAnswer'];
type KeyRow = components['schemas']['SiteKeyRow'];

const TONES: Record<KeyRow['state'], TagTone> = { next: 'info', present: 'good', overlap: 'warn', former: 'mute' };

/** 签名密钥: what a site signs and signed with; of a site of ours the change of its key, of a partner's its address and key. */
export function SiteKeys({ site, onClose }: { site: SiteRow; onClose: () => void }): ReactNode {
  const t = usePlacesText();
  const path = `/admin/sites/${String(site.id)}`;
  const known = useResource<Keys>(`${path}/keys`);
  const { busy, run } = useAction();
  const [asking, setAsking] = useState<'change' | 'line' | null>(null);
  const shown = known.data;
  const present = shown?.keys.find((each) => each.state === 'present');
  const changing = shown?.keys.some((each) => each.state === 'next') ?? false;
  const waiting = shown?.notices.filter((each) => each.confirmedAt === null) ?? [];
  const finish = (): void => void run(() => api.post(`${path}/keys/finish`), t('sk.inUse')).then(known.reload);
  return (
    <Dialog title={t('sk.title', { name: site.name })} width={980} onCancel={onClose} footer={<Button onClick={onClose}>{t('sk.close')}</Button>}>
      {known.error ? <ProblemNotice error={known.error} onRetry={known.reload} /> : null}
      {shown ? null : known.error ? null : <Loading rows={4} />}
      {shown ? (
        <>
          <p className="lb-soft">{t(shown.isLocal ? 'sk.introLocal' : 'sk.introPartner')}</p>
          {shown.isLocal ? null : (
            <dl className="lb-facts">
              <div><dt>{t('sk.endpoint')}</dt><dd>{shown.endpoint || t('sk.none')}</dd></div>
              <div><dt>{t('sk.pins')}</dt><dd>{shown.pins.length > 0 ? shown.pins.map((pin) => <div key={pin}><code>{pin}</code></div>) : t('sk.anyPin')}</dd></div>
            </dl>
          )}
          {changing ? (
            <Notice tone="warn" title={t('sk.changing', { n: waiting.length, all: shown.notices.length })}>
              <ul>
                {shown.notices.map((each) => (
                  <li key={each.code}>{each.name} <span className="lb-faint">{each.code}</span>: {each.confirmedAt ? t('sk.confirmed', { at: moment(each.confirmedAt) }) : t('sk.told', { at: moment(each.toldAt) })}</li>
                ))}
              </ul>
              {shown.mayChange ? <Confirmed size="small" danger loading={busy} ask={t('sk.finishAsk', { n: waiting.length })} verb={t('sk.finish')} onConfirm={finish}>{t('sk.finish')}</Confirmed> : null}
            </Notice>
          ) : null}
          {shown.keys.length === 0 ? <Notice tone="warn">{t('sk.noKey')}</Notice> : <KeyTable rows={shown.keys} isLocal={shown.isLocal} />}
          {present && shown.isLocal ? <p className="lb-soft">{t('sk.tell')} <code className="lb-break">{present.publicKey}</code> <CopyButton text={present.publicKey} /></p> : null}
          {shown.mayChange ? (
            <p>
              {shown.isLocal ? <Button disabled={changing} onClick={() => setAsking('change')}>{t('sk.change')}</Button> : <Button onClick={() => setAsking('line')}>{t('sk.line')}</Button>}
            </p>
          ) : null}
          {asking === 'change' ? <ChangeKey keys={shown} path={path} onClose={() => setAsking(null)} onDone={known.reload} /> : null}
          {asking === 'line' ? <PartnerLine keys={shown} path={path} onClose={() => setAsking(null)} onDone={known.reload} /> : null}
        </>
      ) : null}
    </Dialog>
  );
}

function KeyTable({ rows, isLocal }: { rows: KeyRow[]; isLocal: boolean }): ReactNode {
  const t = usePlacesText();
  return (
    <WideTable<KeyRow>
      rowKey="publicKey"
      dataSource={rows}
      columns={[
        { title: t('sk.key'), render: (_, row) => <><code>{row.fingerprint}</code> <Tag tone={TONES[row.state]}>{t(`sk.${row.state}`)}</Tag></> },
        { title: t('sk.time'), render: (_, row) => (row.state === 'next' ? t('sk.notYet') : `${row.beganAt ? moment(row.beganAt) : ''} – ${row.endedAt ? moment(row.endedAt) : ''}`) },
        { title: t('sk.until'), render: (_, row) => (row.acceptedUntil ? moment(row.acceptedUntil) : '') },
        {
          title: t(isLocal ? 'sk.signed' : 'sk.signedThere'),
          className: 'lb-wrap',
          render: (_, { signed }) =>
            signed ? (
              <>
                {t('sk.messages', { n: signed.messages })}
                {signed.firstAt && signed.lastAt ? <div className="lb-faint">{moment(signed.firstAt)} – {moment(signed.lastAt)}</div> : null}
                {signed.anchors > 0 ? <div className="lb-faint">{t(isLocal ? 'sk.anchorsAsked' : 'sk.anchorsGiven', { n: signed.anchors })}</div> : null}
              </>
            ) : null,
        },
      ]}
    />
  );
}

interface Asked {
  keys: Keys;
  path: string;
  onClose: () => void;
  onDone: () => void;
}

function ChangeKey({ keys, path, onClose, onDone }: Asked): ReactNode {
  const t = usePlacesText();
  const { run, problem } = useAction(true);
  const save = (values: { overlapDays: number }): Promise<boolean> => run(() => api.post(`${path}/keys`, values), t('sk.begun'));
  return (
    <FormDialog<{ overlapDays: number }> title={t('sk.change')} okText={t('sk.change')} start={{ overlapDays: keys.overlapDays }} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <Notice tone="info">{t('sk.changeHint')}</Notice>
      <Form.Item name="overlapDays" label={t('sk.overlapDays')} extra={t('sk.overlapHint')} rules={[{ required: true, type: 'integer', min: 1, max: keys.longestOverlapDays }]}>
        <InputNumber min={1} max={keys.longestOverlapDays} precision={0} />
      </Form.Item>
    </FormDialog>
  );
}

interface LineValues {
  endpoint?: string;
  publicKey?: string;
  pins?: string;
}

function PartnerLine({ keys, path, onClose, onDone }: Asked): ReactNode {
  const t = usePlacesText();
  const { run, problem } = useAction(true);
  const present = keys.keys.find((each) => each.state === 'present')?.publicKey ?? '';
  const save = ({ endpoint, publicKey, pins }: LineValues): Promise<boolean> => {
    const body = { endpoint: endpoint?.trim() ?? '', publicKey: publicKey?.trim() ?? '', pins: (pins ?? '').split(/\s+/).filter(Boolean) };
    return run(() => api.put(`${path}/line`, body), t('sk.lineSaved'));
  };
  return (
    <FormDialog<LineValues> title={t('sk.line')} okText={t('sk.save')} start={{ endpoint: keys.endpoint, publicKey: present, pins: keys.pins.join('\n') }} problem={problem} onSave={save} onClose={onClose} onDone={onDone}>
      <Notice tone="warn">{t('sk.lineHint')}</Notice>
      <Form.Item name="endpoint" label={t('sk.endpoint')} extra={t('sk.endpointHint')}><Input maxLength={300} autoComplete="off" inputMode="url" /></Form.Item>
      <Form.Item name="publicKey" label={t('sk.publicKey')} extra={t('sk.publicKeyHint')}><Input maxLength={60} autoComplete="off" /></Form.Item>
      <Form.Item name="pins" label={t('sk.pins')} extra={t('sk.pinsHint')}><Input.TextArea rows={2} autoComplete="off" /></Form.Item>
    </FormDialog>
  );
}
