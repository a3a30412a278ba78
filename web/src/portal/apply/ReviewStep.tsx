import type { ReactElement } from 'react';

import { FormView } from '../../forms/renderer';
import type { FormSchema, JsonObject } from '../../kernel';
import type { MaterialSpec } from '../../case/types';
import { labelled } from '../../case/language';
import { usePortalText } from '../text';
import { Button } from '../ui';
import { fileText } from './FileInput';
import type { DraftContent } from './useDraft';

interface ReviewStepProps {
  schema: FormSchema;
  data: JsonObject;
  context: JsonObject & { now: string };
  specs: MaterialSpec[];
  uploaded: DraftContent['materials'];
  declared: boolean;
  wrong: boolean;
  onDeclare: (declared: boolean) => void;
  onEdit: (step: 'form' | 'materials') => void;
}

/** Everything once more, then the declaration that nobody ticks for the applicant. */
export function ReviewStep({ schema, data, context, specs, uploaded, declared, wrong, onDeclare, onEdit }: ReviewStepProps): ReactElement {
  const { t, locale } = usePortalText();
  return (
    <>
      <p>{t('apply.reviewLead')}</p>
      <section className="p-section">
        <div className="p-review-head">
          <h2>{t('apply.reviewForm')}</h2>
          <Button onClick={() => onEdit('form')} label={t('apply.editNamed', { name: t('apply.reviewForm') })}>{t('apply.edit')}</Button>
        </div>
        <FormView schema={schema} data={data} context={context} readOnly whole />
      </section>
      <section className="p-section">
        <div className="p-review-head">
          <h2>{t('apply.reviewMaterials')}</h2>
          <Button onClick={() => onEdit('materials')} label={t('apply.editNamed', { name: t('apply.reviewMaterials') })}>{t('apply.edit')}</Button>
        </div>
        <ul className="p-list">
          {specs.filter((spec) => spec.source === 'UPLOAD').map((spec) => {
            const file = uploaded.find((entry) => entry.code === spec.code);
            return <li key={spec.code}>{labelled(locale, spec.name, file ? fileText(file, locale) : t('apply.gapAllowed'))}</li>;
          })}
        </ul>
      </section>
      <section className="p-section">
        <label className={`p-declaration${wrong ? ' p-declaration-wrong' : ''}`}>
          <input
            type="checkbox" id="declaration" checked={declared} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? 'declaration-error' : undefined}
            onChange={(event) => onDeclare(event.target.checked)}
          />
          <span>{t('apply.declaration')}</span>
        </label>
        {wrong ? <p id="declaration-error" className="p-error" role="alert">{t('apply.declarationMissing')}</p> : null}
      </section>
    </>
  );
}
