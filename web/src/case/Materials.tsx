import type { ReactElement } from 'react';

import { useCaseText } from './language';
import { MaterialTag } from './tags';
import type { MaterialRow } from './types';

/** The fingerprint, shortened in the table and whole on demand. */
function Fingerprint({ sha256 }: { sha256: string }): ReactElement {
  const { t } = useCaseText();
  return (
    <details className="lb-hash">
      <summary aria-label={t('materials.hash')}><code>{sha256.slice(0, 8)}</code></summary>
      <code>{sha256}</code>
    </details>
  );
}

export function fileHref(fileId: string): string {
  return `/api/v1/files/${encodeURIComponent(fileId)}`;
}

/** Materials with what was handed in, in which state, verified by whom. */
export function Materials({ materials }: { materials: MaterialRow[] }): ReactElement {
  const { t, pick } = useCaseText();
  if (materials.length === 0) return <p className="lb-none">{t('materials.empty')}</p>;
  return (
    <ul className="lb-materials">
      {materials.map((material) => (
        <li key={`${material.code}-${String(material.id)}`}>
          <p className="lb-material-head">
            <span className="lb-material-code">{material.code}</span>
            <span className="lb-material-name">{material.name}</span>
            <span className="lb-faint">{material.required ? t('materials.required') : t('materials.optional')}</span>
            <MaterialTag state={material.state} name={pick(material.stateName, material.stateNameEn)} />
          </p>
          <p className="lb-material-file">
            {material.fileId ? (
              <a href={fileHref(material.fileId)} target="_blank" rel="noreferrer">
                {t('materials.file', { name: material.fileName ?? material.name })}
              </a>
            ) : null}
            {material.originName ? <span className="lb-faint">{t('materials.origin', { name: pick(material.originName, material.originNameEn) })}</span> : null}
            {material.verifiedByName ? <span className="lb-faint">{t('materials.verifiedBy', { name: material.verifiedByName })}</span> : null}
            {material.sha256 ? <Fingerprint sha256={material.sha256} /> : null}
          </p>
          {material.note ? <p className="lb-material-note">{material.note}</p> : null}
        </li>
      ))}
    </ul>
  );
}
