import { Button, Form, Input, Select } from 'antd';
import { type ReactNode, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';

import { bracketed } from '../../case/language';
import { useLanguage } from '../../i18n';
import { useDesignerText } from '../../i18n/designer';
import { api, newIdempotencyKey } from '../../shared/api/client';
import { useAttempt } from '../../shared/api/useAttempt';
import { useLoad } from '../../shared/api/useLoad';
import { Dialog } from '../../shared/Dialog';
import { EmptyState, ErrorState, Loading, Notice } from '../../shared/states';
import { WideTable } from '../../shared/WideTable';
import { type Finding, type Many, type MovedElement, type MovePreview, type MoveResult, type VersionRow, rows } from '../types';
import { type NamedElement, elementsOf } from './elementsOf';

/** Moves the running cases of one version to another: what stands in the way is shown before anything happens. */
export function MovePage(): ReactNode {
  const t = useDesignerText();
  const { key = '', id = '' } = useParams();
  const loaded = useLoad((signal) => api.get<Many<VersionRow>>(`/definitions/${key}/versions`, { signal }).then(rows), key);
  const source = loaded.data?.find((version) => String(version.id) === id);
  const others = (loaded.data ?? []).filter((version) => String(version.id) !== id);
  return (
    <>
      <div className="lb-page-head">
        <h1>{source ? t('move.title', { name: source.name, version: source.version }) : t('move.action')}</h1>
        <Link to={`/versions/${key}`}>{t('action.versions')}</Link>
      </div>
      <p className="lb-soft">{t('move.intro')}</p>
      {loaded.problem ? <ErrorState problem={loaded.problem} onRetry={loaded.reload} /> : null}
      {!loaded.data ? loaded.problem ? null : <Loading /> : others.length === 0 ? <EmptyState text={t('move.noOther')} /> : <Move sourceId={id} others={others} />}
    </>
  );
}

function Move({ sourceId, others }: { sourceId: string; others: VersionRow[] }): ReactNode {
  const t = useDesignerText();
  const [to, setTo] = useState(others[0]?.id ?? 0);
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [result, setResult] = useState<MoveResult>();
  const body = { to, mapping };
  const path = `/definitions/versions/${sourceId}/moves`;
  const preview = useLoad(
    (signal) => api.post<MovePreview>(`${path}/preview`, body, { signal }),
    JSON.stringify([body, result?.moved.length ?? 0]),
  );
  const target = useLoad((signal) => api.get<string>(`/definitions/versions/${String(to)}/xml`, { signal }), String(to));
  const elements = useMemo(() => elementsOf(target.data ?? ''), [target.data]);
  return (
    <>
      <Form layout="vertical">
        <Form.Item label={t('move.to')} htmlFor="move-to">
          <Select
            id="move-to"
            className="lb-filter-select"
            value={to}
            onChange={(value: number) => {
              setTo(value);
              setMapping({});
              setResult(undefined);
            }}
            options={others.map((version) => ({ value: version.id, label: `${t('versions.number', { version: version.version })} ${version.note}` }))}
          />
        </Form.Item>
      </Form>
      {preview.problem ? <ErrorState problem={preview.problem} onRetry={preview.reload} /> : null}
      {result ? <Outcome result={result} /> : null}
      {!preview.data ? preview.problem ? null : <Loading /> : preview.data.cases === 0 ? <EmptyState text={t('move.nothing')} /> : (
        <>
          <Places preview={preview.data} elements={elements} mapping={mapping} onMap={(from, element) => setMapping((before) => withEntry(before, from, element))} />
          <Confirm key={JSON.stringify(body)} path={path} body={body} preview={preview.data} onDone={setResult} />
        </>
      )}
    </>
  );
}

function withEntry(mapping: Record<string, string>, from: string, to: string): Record<string, string> {
  const others = Object.fromEntries(Object.entries(mapping).filter(([key]) => key !== from));
  return to === from ? others : { ...others, [from]: to };
}

interface PlacesProps {
  preview: MovePreview;
  elements: NamedElement[];
  mapping: Record<string, string>;
  onMap: (from: string, to: string) => void;
}

/** Where the cases are, and where each of these places is in the new version. */
function Places({ preview, elements, onMap }: PlacesProps): ReactNode {
  const t = useDesignerText();
  const { locale } = useLanguage();
  return (
    <>
      <p role="status">
        <strong>{t('move.summary', { movable: preview.movable.length, refused: preview.refused.length })}</strong>
        {preview.more ? ` ${t('move.more')}` : ''}
      </p>
      <WideTable<MovedElement>
        rowKey="elementId"
        dataSource={preview.elements}
        columns={[
          {
            title: t('move.where'),
            render: (_, row) => (
              <>
                {row.name || row.elementId}
                <div className="lb-faint">{row.elementId}</div>
              </>
            ),
          },
          { title: t('move.count'), dataIndex: 'count', align: 'right' },
          {
            title: t('move.place'),
            render: (_, row) => (
              <>
                <Select
                  aria-label={t('move.placeOf', { name: row.name || row.elementId })}
                  className="lb-move-place"
                  showSearch={{ optionFilterProp: 'label' }}
                  status={row.findings.some((finding) => finding.severity === 'error') ? 'error' : ''}
                  value={row.targetName === null ? undefined : row.targetId}
                  placeholder={t('move.choose')}
                  onChange={(value: string) => onMap(row.elementId, value)}
                  options={elements
                    .filter((element) => element.type === row.type)
                    .map((element) => ({ value: element.id, label: element.name ? `${element.name}${bracketed(locale, element.id)}` : element.id }))}
                />
                <Findings findings={row.findings} />
              </>
            ),
          },
        ]}
      />
    </>
  );
}

function Findings({ findings }: { findings: Finding[] }): ReactNode {
  const { locale } = useLanguage();
  return (
    <ul className="lb-move-findings">
      {findings.map((finding, index) => (
        <li key={`${finding.rule}-${String(index)}`} data-severity={finding.severity}>
          {locale === 'zh' ? finding.message : finding.messageEn} <span className="lb-soft">{locale === 'zh' ? finding.hint : finding.hintEn}</span>
        </li>
      ))}
    </ul>
  );
}

interface ConfirmProps {
  path: string;
  body: { to: number; mapping: Record<string, string> };
  preview: MovePreview;
  onDone: (result: MoveResult) => void;
}

const MOST_AT_ONCE = 200;

/** Moves what can be moved, in portions; the reason goes into the record of every case. */
function Confirm({ path, body, preview, onDone }: ConfirmProps): ReactNode {
  const t = useDesignerText();
  const [form] = Form.useForm<{ reason: string }>();
  const { busy, problem, attempt } = useAttempt();
  const [asking, setAsking] = useState<string>();
  const move = async (reason: string): Promise<void> => {
    const whole: MoveResult = { moved: [], refused: [] };
    await attempt(async () => {
      for (let from = 0; from < preview.movable.length; from += MOST_AT_ONCE) {
        const caseNos = preview.movable.slice(from, from + MOST_AT_ONCE);
        const part = await api.post<MoveResult>(path, { ...body, reason, caseNos }, { idempotencyKey: newIdempotencyKey() });
        whole.moved.push(...part.moved);
        whole.refused.push(...part.refused);
      }
    });
    if (whole.moved.length + whole.refused.length > 0) onDone(whole);
  };
  return (
    <Form form={form} layout="vertical" onFinish={({ reason }) => setAsking(reason)} className="lb-move-confirm">
      {problem ? <ErrorState problem={problem} /> : null}
      <Form.Item name="reason" label={t('move.reason')} rules={[{ required: true, whitespace: true, message: t('move.reasonRule') }]}>
        <Input.TextArea rows={2} maxLength={300} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy} disabled={preview.movable.length === 0}>
        {t('move.confirm', { n: preview.movable.length })}
      </Button>
      {asking === undefined ? null : (
        <Dialog
          width={480} title={t('move.ask', { n: preview.movable.length })} okText={t('move.confirm', { n: preview.movable.length })} cancelText={t('cancel')}
          cancelButtonProps={{ autoFocus: true }} onCancel={() => setAsking(undefined)} onOk={() => { setAsking(undefined); void move(asking); }}
        >
          <p>{t('move.effect')}</p>
        </Dialog>
      )}
    </Form>
  );
}

function Outcome({ result }: { result: MoveResult }): ReactNode {
  const t = useDesignerText();
  return (
    <Notice tone={result.refused.length > 0 ? 'warn' : 'good'} title={t('move.done', { moved: result.moved.length, refused: result.refused.length })}>
      {result.refused.length > 0 ? (
        <ul>
          {result.refused.map((refused) => (
            <li key={refused.caseNo}>
              <span className="lb-number">{refused.caseNo}</span>
              <Findings findings={refused.findings} />
            </li>
          ))}
        </ul>
      ) : null}
    </Notice>
  );
}
