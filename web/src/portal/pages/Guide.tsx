import type { ReactElement } from 'react';
import { Link, useParams } from 'react-router';

import { labelled } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { Loading } from '../../shared/states';
import { useResource } from '../../case/resource';
import { Facts } from '../../case/CaseSummary';
import type { ItemDetail, MaterialSpec } from '../../case/types';
import { mayComeLater } from '../apply/materials';
import { itemPath, usePortalText } from '../text';
import { OpeningPanel } from '../OpeningPanel';
import { LinkButton, PageTitle, Section } from '../ui';

function Material({ material }: { material: MaterialSpec }): ReactElement {
  const { t } = usePortalText();
  return (
    <li>
      <p className="p-material-name">{material.name} <span className="p-hint">{material.needIf ? t('guide.needIf') : material.need || t('guide.need')}</span></p>
      {material.form ? <p className="p-hint">{material.form}</p> : null}
      {mayComeLater(material) ? <p className="p-hint">{t('guide.gap')}</p> : null}
      {material.note ? <p className="p-hint">{material.note}</p> : null}
    </li>
  );
}

function MaterialList({ materials }: { materials: MaterialSpec[] }): ReactElement {
  const { t } = usePortalText();
  const mine = materials.filter((material) => material.source === 'UPLOAD');
  const others = materials.filter((material) => material.source !== 'UPLOAD');
  return (
    <>
      {mine.length > 0 ? <><h3>{t('guide.materialsMine')}</h3><ul className="p-list">{mine.map((m) => <Material key={m.code} material={m} />)}</ul></> : null}
      {others.length > 0 ? <><h3>{t('guide.materialsShared')}</h3><ul className="p-list">{others.map((m) => <Material key={m.code} material={m} />)}</ul></> : null}
    </>
  );
}

function Deadlines({ deadlines }: { deadlines: NonNullable<ItemDetail['guide']>['deadlines'] }): ReactElement {
  const { t, locale } = usePortalText();
  return (
    <ul className="p-deadlines">
      {deadlines.map((deadline) => (
        <li key={deadline.key}>
          <span className="p-deadline-name">{deadline.name}</span>
          <strong>{deadline.text || deadline.value}</strong>
          {deadline.source ? <span className="p-hint">{labelled(locale, t('guide.deadlineSource'), deadline.source)}</span> : null}
        </li>
      ))}
    </ul>
  );
}

function GuideText({ item }: { item: ItemDetail }): ReactElement {
  const { t } = usePortalText();
  const { guide } = item;
  return (
    <>
      {guide.steps.length + guide.conditions.length === 0 ? <p>{t('guide.noGuide')}</p> : null}
      {guide.audience ? <Section title={t('guide.audience')}><p>{guide.audience}</p></Section> : null}
      {guide.conditions.length > 0 ? (
        <Section title={t('guide.conditions')}><ul className="p-list">{guide.conditions.map((text) => <li key={text}>{text}</li>)}</ul></Section>
      ) : null}
      {item.materials.length > 0 ? <Section title={t('guide.materials')}><MaterialList materials={item.materials} /></Section> : null}
      {guide.steps.length > 0 ? (
        <Section title={t('guide.steps')}>
          <ol className="p-steps">
            {guide.steps.map((step, index) => (
              <li key={index}>
                <p><strong>{step.title}</strong>{step.site ? <span className="p-hint p-step-site">{step.site}</span> : null}</p>
                {step.text ? <p>{step.text}</p> : null}
              </li>
            ))}
          </ol>
        </Section>
      ) : null}
      {guide.deadlines.length > 0 ? <Section title={t('guide.deadlines')}><Deadlines deadlines={guide.deadlines} /></Section> : null}
      <Section title={t('guide.result')}>
        <Facts rows={[[t('guide.result'), guide.result], [t('guide.delivery'), guide.delivery], [t('guide.fees'), guide.fees]]} />
      </Section>
      {guide.legalBasis.length > 0 ? (
        <Section title={t('guide.legalBasis')}><ul className="p-list">{guide.legalBasis.map((text) => <li key={text}>{text}</li>)}</ul></Section>
      ) : null}
    </>
  );
}

function GuideActions({ item }: { item: ItemDetail }): ReactElement | null {
  const { t } = usePortalText();
  const base = `/items/${encodeURIComponent(item.code)}`;
  if (!item.available) return null;
  return (
    <div className="p-actions">
      <LinkButton to={`${base}/apply`}>{t('guide.apply')}</LinkButton>
      {item.selfCheck.length > 0 ? <LinkButton to={`${base}/check`} kind="plain">{t('guide.check')}</LinkButton> : null}
    </div>
  );
}

/** 办事指南 of one item. */
export function Guide(): ReactElement {
  const { t, locale, pick } = usePortalText();
  const { code = '' } = useParams();
  const resource = useResource<ItemDetail>(itemPath(code, locale));
  const item = resource.data;
  if (resource.error && !item) return <><PageTitle>{t('brand')}</PageTitle><ProblemNotice error={resource.error} onRetry={resource.reload} /><p><Link to="/">{t('guide.toItems')}</Link></p></>;
  if (!item) return <Loading rows={12} />;
  return (
    <>
      <PageTitle lead={item.scenario}>{pick(item.name, item.nameEn)}</PageTitle>
      <Facts
        rows={[
          [t('guide.unit'), item.leadUnit],
          [t('guide.mode'), pick(item.modeName, item.modeNameEn)],
          [t('guide.deadlines'), item.promiseDays ? t('guide.promise', { n: item.promiseDays }) : null],
        ]}
      />
      <GuideActions item={item} />
      {item.available && !item.restricted ? null : <OpeningPanel item={item} />}
      <GuideText item={item} />
      {item.available ? <GuideActions item={item} /> : null}
    </>
  );
}
