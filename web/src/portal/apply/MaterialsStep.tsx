import type { ReactElement } from 'react';

import type { MaterialSpec } from '../../case/types';
import { usePortalText } from '../text';
import { FileInput, MAX_MB } from './FileInput';
import { mayComeLater } from './materials';
import type { DraftContent } from './useDraft';

type Uploaded = DraftContent['materials'];

interface MaterialsStepProps {
  specs: MaterialSpec[];
  uploaded: Uploaded;
  missing: Set<string>;
  errors: Record<string, string>;
  /** Changes what is there at that moment: several uploads may end at the same time. */
  onChange: (change: (uploaded: Uploaded) => Uploaded) => void;
  onBusy: (busy: boolean) => void;
}

/** What this application needs, one upload for each; what others bring is only named. */
export function MaterialsStep({ specs, uploaded, missing, errors, onChange, onBusy }: MaterialsStepProps): ReactElement {
  const { t } = usePortalText();
  const mine = specs.filter((spec) => spec.source === 'UPLOAD');
  const others = specs.filter((spec) => spec.source !== 'UPLOAD');
  return (
    <>
      <p>{mine.length > 0 ? t('apply.materialsLead', { size: MAX_MB }) : t('apply.materialsNone')}</p>
      <ul className="p-uploads">
        {mine.map((spec) => {
          const file = uploaded.find((entry) => entry.code === spec.code);
          return (
            <li key={spec.code} id={`material-${spec.code}`}>
              <h2>{spec.name}</h2>
              {spec.form ? <p className="p-hint">{spec.form}</p> : null}
              {spec.note ? <p className="p-hint">{spec.note}</p> : null}
              {mayComeLater(spec) ? <p className="p-hint">{t('apply.gapAllowed')}</p> : null}
              <FileInput
                label={spec.name}
                accept={spec.accept}
                file={file}
                error={errors[spec.code] ?? (missing.has(spec.code) ? t('apply.missing', { name: spec.name }) : undefined)}
                onUploaded={(stored) => onChange((now) => [
                  ...now.filter((entry) => entry.code !== spec.code),
                  { code: spec.code, fileId: stored.id, fileName: stored.name, size: stored.size },
                ])}
                onBusy={onBusy}
                onRemove={() => onChange((now) => now.filter((entry) => entry.code !== spec.code))}
              />
            </li>
          );
        })}
      </ul>
      {others.length > 0 ? (
        <>
          <p>{t('apply.materialsShared')}</p>
          <ul className="p-list">{others.map((spec) => <li key={spec.code}>{spec.name}</li>)}</ul>
        </>
      ) : null}
    </>
  );
}
