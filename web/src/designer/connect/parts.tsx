import { type ReactNode } from 'react';

import { useLanguage } from '../../i18n';
import { useConnectText } from '../../i18n/connect';
import type { Finding } from '../types';
import type { HeaderLine, Recipient, ShownLetter, ShownRequest, Tried } from './types';

/** What deployment says about the task, and why nothing would leave. */
export function Findings({ findings }: { findings: Finding[] }): ReactNode {
  const t = useConnectText();
  const { locale } = useLanguage();
  if (findings.length === 0) return null;
  return (
    <section aria-label={t('findings')}>
      <h2>{t('findings')}</h2>
      <ul className="lb-move-findings">
        {findings.map((finding, index) => (
          <li key={index} data-severity={finding.severity}>
            {locale === 'zh' ? `${finding.message} ${finding.hint}` : `${finding.messageEn} ${finding.hintEn}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Request({ request }: { request: ShownRequest }): ReactNode {
  const t = useConnectText();
  return (
    <section aria-label={t('request')}>
      <h2>{t('request')}</h2>
      <pre tabIndex={0}>{`${request.method} ${request.url}\n${lines(request.headers)}${request.body === '' ? '' : `\n\n${request.body}`}`}</pre>
      <p className="lb-faint">
        {request.idempotencyHeader === '' ? null : t('request.masked', { header: request.idempotencyHeader })} {t('request.limit', { seconds: request.totalSeconds })}
      </p>
    </section>
  );
}

function lines(headers: HeaderLine[]): string {
  return headers.map((line) => `${line.name}: ${line.value}`).join('\n');
}

export function Letter({ letter }: { letter: ShownLetter }): ReactNode {
  const t = useConnectText();
  return (
    <section aria-label={t('letter')}>
      <h2>{t('letter')}</h2>
      <dl>
        <dt>{t('letter.to')}</dt>
        <dd>{letter.recipients.map((recipient) => <Whom key={recipient.to} recipient={recipient} />)}</dd>
        <dt>{t('letter.subject')}</dt>
        <dd>{letter.subject}</dd>
      </dl>
      <pre tabIndex={0}>{letter.body}</pre>
    </section>
  );
}

function Whom({ recipient }: { recipient: Recipient }): ReactNode {
  const t = useConnectText();
  const { to, kind, people, reachable } = recipient;
  if (kind === 'applicant') return <div>{t('letter.applicant')}</div>;
  if (kind === 'address') return <div>{to}</div>;
  return <div>{people === null || reachable === null ? t('letter.role', { to }) : t('letter.reach', { to, people, reachable })}</div>;
}

export function Result({ tried }: { tried: Tried }): ReactNode {
  const t = useConnectText();
  const tone = tried.kind === 'done' || tried.kind === 'sent' ? 'good' : 'bad';
  return (
    <section aria-label={t('result')}>
      <h2>{t('result')}</h2>
      <div className="lb-notice" data-tone={tone} role="status">
        <p className="lb-notice-title">{t(`result.${tried.kind}`, { code: tried.code, address: tried.sentTo })}</p>
        {tried.message === '' ? null : <p>{tried.message}</p>}
        {tried.kind === 'rejected' ? <p>{t('result.rejectedHelp')}</p> : null}
        {tried.kind === 'failed' ? <p>{t(tried.retry ? 'result.retry' : 'result.noRetry')}</p> : null}
      </div>
      {tried.status === null ? null : <Answer tried={tried} />}
    </section>
  );
}

function Answer({ tried }: { tried: Tried }): ReactNode {
  const t = useConnectText();
  return (
    <>
      <dl>
        <dt>{t('result.status')}</dt>
        <dd>{tried.status}</dd>
        <dt>{t('result.time')}</dt>
        <dd>{t('result.ms', { n: tried.milliseconds ?? 0 })}</dd>
        <dt>{t('result.size')}</dt>
        <dd>{t('result.bytes', { n: tried.receivedBytes ?? 0 })}</dd>
      </dl>
      <h3>{t('result.variables')}</h3>
      <pre tabIndex={0}>{JSON.stringify(tried.variables, null, 2)}</pre>
      <h3>{t('result.body')}</h3>
      <pre tabIndex={0}>{tried.body === '' ? t('request.none') : tried.body}</pre>
      {tried.isCut ? <p className="lb-faint">{t('result.cut')}</p> : null}
      <details>
        <summary>{t('result.headers')}</summary>
        <pre tabIndex={0}>{lines(tried.headers)}</pre>
      </details>
    </>
  );
}
