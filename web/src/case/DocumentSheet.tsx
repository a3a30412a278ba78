import type { ReactElement } from 'react';

import { fill } from '../i18n';
import words from '../i18n/zh/case';
import { longDay } from './dates';
import type { DocumentView } from './types';

function listOf(value: string | string[] | null): string[] {
  if (!value) return [];
  return Array.isArray(value) ? value : [value];
}

/** An issued document as it is printed: always in Chinese, dated and sealed by its site. */
export function DocumentSheet({ document: sheet }: { document: DocumentView }): ReactElement {
  const basis = listOf(sheet.legalBasis);
  return (
    <article className="lb-sheet" lang="zh-CN">
      <h1>{sheet.title}</h1>
      <p className="lb-sheet-number">{sheet.number}</p>
      <dl>
        {sheet.paragraphs.map((paragraph, index) => (
          <div key={index}>
            {paragraph.label ? <dt>{paragraph.label}</dt> : null}
            <dd>{paragraph.text}</dd>
          </div>
        ))}
        {basis.length > 0 ? <div><dt>{words['documents.basis']}</dt><dd>{basis.join('；')}</dd></div> : null}
        {sheet.remedies ? <div><dt>{words['documents.remedies']}</dt><dd>{sheet.remedies}</dd></div> : null}
      </dl>
      <p className="lb-sheet-sign">
        <span>{sheet.siteName}</span>
        {sheet.seal ? <span>{fill(words['documents.seal'], { seal: sheet.seal })}</span> : null}
        <time dateTime={sheet.issuedAt}>{longDay(sheet.issuedAt, 'zh').replace(/（.*）/, '')}</time>
      </p>
      <p className="lb-sheet-note">{words['documents.sealNote']}</p>
    </article>
  );
}
