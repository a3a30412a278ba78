import { useState, type ReactElement } from 'react';

import { api } from '../../shared/api/client';
import { ProblemNotice } from '../../case/problem';
import { RATING_LEVELS, type MyCase, type RatingLevel } from '../../case/types';
import { Notice } from '../../shared/states';
import { usePortalText } from '../text';
import { Button, Field, Section } from '../ui';

interface SiteRatingProps {
  site: { siteCode: string; siteName: string };
  level: RatingLevel | undefined;
  comment: string;
  onLevel: (level: RatingLevel) => void;
  onComment: (comment: string) => void;
}

function SiteRating({ site, level, comment, onLevel, onComment }: SiteRatingProps): ReactElement {
  const { t } = usePortalText();
  return (
    <fieldset className="p-question">
      <legend>{site.siteName}</legend>
      <div className="p-levels">
        {RATING_LEVELS.map((value) => (
          <label key={value} className="p-choice">
            <input type="radio" name={`rating-${site.siteCode}`} checked={level === value} onChange={() => onLevel(value)} />
            <span>{t(`rating.${value}`)}</span>
          </label>
        ))}
      </div>
      <Field label={t('case.rateComment')} value={comment} onChange={onComment} rows={2} maxLength={300} />
    </fieldset>
  );
}

/** 好差评: five levels for each site that took part. */
export function RatingPanel({ mine, onDone }: { mine: MyCase; onDone: (mine: MyCase) => void }): ReactElement | null {
  const { t } = usePortalText();
  const [levels, setLevels] = useState<Record<string, RatingLevel>>({});
  const [comments, setComments] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [sent, setSent] = useState(false);
  if (sent || mine.rated) return <Section title={t('case.rate')}><Notice tone="good"><p>{t(sent ? 'case.rateDone' : 'case.rated')}</p></Notice></Section>;
  if (!mine.mayRate) return null;
  const complete = mine.rateSites.every((site) => levels[site.siteCode]);
  const send = (): void => {
    setTried(true);
    if (!complete) return;
    setBusy(true);
    setError(null);
    const ratings = mine.rateSites.map(({ siteCode }) => ({ siteCode, level: levels[siteCode], comment: comments[siteCode]?.trim() ?? '' }));
    api.post<MyCase>(`/my/cases/${encodeURIComponent(mine.caseNo)}/ratings`, { ratings })
      .then((answer) => { setSent(true); onDone(answer); }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <Section title={t('case.rate')}>
      <p>{t('case.rateLead')}</p>
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        {mine.rateSites.map((site) => (
          <SiteRating
            key={site.siteCode} site={site} level={levels[site.siteCode]} comment={comments[site.siteCode] ?? ''}
            onLevel={(level) => setLevels((old) => ({ ...old, [site.siteCode]: level }))}
            onComment={(comment) => setComments((old) => ({ ...old, [site.siteCode]: comment }))}
          />
        ))}
        {tried && !complete ? <p className="p-error" role="alert">{t('case.rateMissing')}</p> : null}
        {error ? <ProblemNotice error={error} /> : null}
        <Button type="submit" kind="primary" busy={busy}>{t('case.rateSend')}</Button>
      </form>
    </Section>
  );
}
