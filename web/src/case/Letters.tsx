import { Button } from 'antd';
import { useEffect, useId, useState, type ReactElement } from 'react';

import type { components } from '../api/schema';
import { useLiaisonText } from '../i18n/liaison';
import { api } from '../shared/api/client';
import { Loading } from '../shared/states';
import { useActionKey } from './action';
import { moment } from './dates';
import { ProblemNotice } from './problem';
import { useResource } from './resource';
import { Tag } from './tags';

type LettersAnswer = components['schemas']['ContactMessages'];
type Letter = components['schemas']['ContactMessageRow'];
type Place = components['schemas']['WritableSite'];

const LONGEST = 500;
const TOLD = { desk: 'letters.toldDesk', contact: 'letters.toldContact', unlinked: 'letters.toldUnlinked', stale: 'letters.toldStale', none: 'letters.toldNone' } as const;

/** 工作联络: what the sites of a case wrote to each other; opening it says that it was read. */
export function Letters({ caseNo }: { caseNo: string }): ReactElement {
  const t = useLiaisonText();
  const path = `/cases/${encodeURIComponent(caseNo)}/contact-messages`;
  const { data, error, reload } = useResource<LettersAnswer>(path);
  const unread = data?.unread ?? 0;
  useEffect(() => {
    if (unread > 0) api.post(`${path}/read`).then(reload, () => undefined);
  }, [unread, path, reload]);
  if (error) return <ProblemNotice error={error} onRetry={reload} />;
  if (!data) return <Loading rows={4} />;
  return (
    <>
      <p className="lb-faint">{t('letters.intro')}</p>
      {data.items.length === 0 ? <p className="lb-none">{t('letters.empty')}</p> : null}
      <ol className="lb-letters">{data.items.map((letter) => <Line key={letter.id} letter={letter} />)}</ol>
      {data.sites.length > 0 ? <WriteLetter caseNo={caseNo} to={data.sites} begin="" first="desk" onSent={reload} /> : null}
    </>
  );
}

function Line({ letter }: { letter: Letter }): ReactElement {
  const t = useLiaisonText();
  return (
    <li data-mine={letter.mine}>
      <p>
        <strong>{letter.fromSiteName}</strong> {letter.senderName} → {letter.toSiteName}{' '}
        <time className="lb-faint" dateTime={letter.sentAt}>{moment(letter.sentAt)}</time>
      </p>
      <p className="lb-letter-text">{letter.text}</p>
      <p className="lb-faint">
        {letter.mine ? `${t(TOLD[letter.told], { name: letter.toldName })} · ` : ''}
        {letter.readAt ? t('letters.read', { name: letter.readName, at: moment(letter.readAt) }) : <Unread letter={letter} />}
      </p>
    </li>
  );
}

function Unread({ letter }: { letter: Letter }): ReactElement {
  const t = useLiaisonText();
  if (letter.passedAt) {
    const at = moment(letter.passedAt);
    return <Tag tone="warn">{letter.passed === 'contact' ? t('letters.passed', { at, name: letter.passedName }) : t('letters.passedRole', { at })}</Tag>;
  }
  return (
    <>
      <Tag tone="mute">{t('letters.unread')}</Tag>
      {letter.readByAt ? ` ${t('letters.readBy', { at: moment(letter.readByAt) })}` : ''}
    </>
  );
}

interface WriteProps {
  caseNo: string;
  to: Place[];
  begin: string;
  /** Whom it goes to first: who has the case in hand there, or its 联络员 as well. */
  first: 'desk' | 'liaison';
  onSent: () => void;
}

/** A message to another site of the case. `begin` is what stands there, ready to be sent. */
export function WriteLetter({ caseNo, to, begin, first, onSent }: WriteProps): ReactElement {
  const t = useLiaisonText();
  const id = useId();
  const { keyOf, answered } = useActionKey();
  const [text, setText] = useState(begin);
  const [place, setPlace] = useState(to[0]?.id ?? 0);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const missing = text.trim() === '';
  const send = (): void => {
    setTried(true);
    if (missing) return;
    const body = { toSiteId: place, to: first, text: text.trim() };
    setBusy(true);
    setError(null);
    api.post(`/cases/${encodeURIComponent(caseNo)}/contact-messages`, body, { idempotencyKey: keyOf(body) })
      .then(() => { answered(); setText(''); setTried(false); onSent(); }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="lb-answer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {to.length > 1 ? (
        <>
          <label htmlFor={`${id}-to`}>{t('letters.to')}</label>
          <select id={`${id}-to`} className="lb-input" value={place} onChange={(event) => setPlace(Number(event.target.value))}>
            {to.map((site) => <option key={site.id} value={site.id}>{site.name}</option>)}
          </select>
        </>
      ) : <p className="lb-faint">{t('letters.to')} {to[0]?.name}</p>}
      <label htmlFor={id}>{t('call.text')}</label>
      <textarea
        id={id} className="lb-input" rows={3} maxLength={LONGEST} value={text} aria-invalid={tried && missing ? true : undefined}
        aria-describedby={tried && missing ? `${id}-wrong` : undefined} onChange={(event) => setText(event.target.value)}
      />
      {tried && missing ? <span id={`${id}-wrong`} className="s-error lb-field-error">{t('call.empty')}</span> : null}
      {error ? <ProblemNotice error={error} /> : null}
      <div className="lb-row"><Button type="primary" htmlType="submit" loading={busy}>{t('call.send')}</Button></div>
    </form>
  );
}
