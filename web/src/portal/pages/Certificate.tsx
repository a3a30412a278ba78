import { useState, type ReactElement } from 'react';
import { useNavigate, useParams } from 'react-router';

import type { components } from '../../api/schema';
import { Facts } from '../../case/CaseSummary';
import { longDueDay } from '../../case/dates';
import { ProblemNotice } from '../../case/problem';
import { Loading } from '../../shared/states';
import { useResource } from '../../case/resource';
import { Tag } from '../../case/tags';
import { usePortalText } from '../text';
import { Button, Field, PageTitle, Section } from '../ui';

type Found = components['schemas']['CertificateCheck'];

const VALID = new Set(['ISSUED', 'VALID', '01']);

/** Public verification of a certificate by its number. */
export function Certificate(): ReactElement {
  const { t, locale, pick } = usePortalText();
  const { number: asked = '' } = useParams();
  const navigate = useNavigate();
  const [number, setNumber] = useState(asked);
  const [tried, setTried] = useState(false);
  const found = useResource<Found>(asked ? `/certificates/${encodeURIComponent(asked)}` : null);
  const verify = (): void => {
    setTried(true);
    const wanted = number.trim();
    if (!wanted) return;
    if (wanted === asked) found.reload();
    else void navigate(`/certificates/${encodeURIComponent(wanted)}`);
  };
  const certificate = found.data;
  return (
    <>
      <PageTitle lead={t('certificate.lead')}>{t('certificate.title')}</PageTitle>
      <form className="p-form" noValidate onSubmit={(event) => { event.preventDefault(); verify(); }}>
        <Field label={t('certificate.number')} value={number} onChange={setNumber} maxLength={120} autoComplete="off" error={tried && !number.trim() ? t('certificate.missing') : undefined} />
        <Button type="submit" kind="primary" busy={found.loading}>{t('certificate.submit')}</Button>
      </form>
      {found.error ? <ProblemNotice error={found.error} onRetry={found.reload} /> : null}
      {found.loading && !certificate ? <Loading rows={4} /> : null}
      {certificate ? (
        <div role="status">
          <Section title={pick(certificate.kindName, certificate.kindNameEn)}>
            <Facts
              rows={[
                [t('certificate.state'), <Tag key="s" tone={VALID.has(certificate.state) ? 'good' : 'warn'} strong>{pick(certificate.stateName, certificate.stateNameEn)}</Tag>],
                [t('certificate.number'), <span key="n" className="lb-number">{certificate.number}</span>],
                [t('certificate.issuer'), certificate.issuerName],
                [t('certificate.holder'), certificate.holderMasked],
                [t('certificate.validUntil'), longDueDay(certificate.validUntil, locale)],
              ]}
            />
          </Section>
        </div>
      ) : null}
    </>
  );
}
