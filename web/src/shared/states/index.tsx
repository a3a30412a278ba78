import { type ReactNode, useEffect, useRef, useState } from 'react';

import { useLanguage } from '../../i18n';
import { useSharedText } from '../../i18n/shared';
import type { Problem } from '../api/client';

/** Skeleton of `rows` lines, shown only when loading takes longer than 200 ms. */
export function Loading({ rows = 6 }: { rows?: number }): ReactNode {
  const t = useSharedText();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" role="status">
      <span className="lb-visually-hidden">{t('state.loading')}</span>
      {shown ? (
        <div className="lb-skeleton" aria-hidden="true">
          {Array.from({ length: rows }, (_, index) => (
            <span key={index} />
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Why nothing is here, in one sentence, and at most one action. */
export function EmptyState({ text, action }: { text: string; action?: ReactNode }): ReactNode {
  return (
    <div className="lb-empty">
      <p>{text}</p>
      {action}
    </div>
  );
}

/** Answers that stay the same however often one asks. */
const FINAL = new Set([403, 404, 410, 413, 415]);

/** A problem document in place: what is the case, what to do next, the request's number. */
export function ErrorState({ problem, onRetry }: { problem: Problem; onRetry?: () => void }): ReactNode {
  const t = useSharedText();
  const { locale } = useLanguage();
  const { document } = problem;
  const place = useRef<HTMLDivElement>(null);
  // What a button at the end of a long page led to is said at its head: nobody should have to look for it.
  useEffect(() => {
    // Its answer is a promise in newer browsers: no clean-up.
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  const en = locale === 'en';
  const detail = en ? (document.detailEn ?? document.detail) : document.detail;
  const title = en ? document.titleEn : document.title;
  const next = en ? (document.nextEn ?? document.next) : document.next;
  return (
    <div ref={place} className="lb-notice" data-tone="bad" role="alert">
      <p className="lb-notice-title">{title}</p>
      {detail && detail !== title ? <p>{detail}</p> : null}
      {next ? <p>{next}</p> : null}
      {onRetry && !FINAL.has(document.status) ? (
        <button type="button" className="lb-button" onClick={onRetry}>
          {t('state.retry')}
        </button>
      ) : null}
      {document.requestId ? <small className="lb-faint">{t('state.requestId', { id: document.requestId })}</small> : null}
    </div>
  );
}

/** A message in place: `good` for done, `warn`, `bad`, `info`. */
export function Notice({ tone = 'info', title, children }: { tone?: 'info' | 'good' | 'warn' | 'bad'; title?: string; children?: ReactNode }): ReactNode {
  return (
    <div className="lb-notice" data-tone={tone} role="status">
      {title ? <p className="lb-notice-title">{title}</p> : null}
      {children}
    </div>
  );
}

/** A page of another role: told without asking the server. */
export function NotForYou({ title, home }: { title: string; home: string }): ReactNode {
  const t = useSharedText();
  return (
    <>
      <h1>{title}</h1>
      <EmptyState text={t('state.notForYou')} action={<a href={home}>{t('state.home')}</a>} />
    </>
  );
}

export function NotFound({ home }: { home: string }): ReactNode {
  const t = useSharedText();
  return (
    <div className="lb-empty">
      <h1>{t('state.notFound')}</h1>
      <a href={home}>{t('state.home')}</a>
    </div>
  );
}
