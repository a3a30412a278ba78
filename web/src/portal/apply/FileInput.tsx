import { useId, useRef, useState, type ReactElement } from 'react';

import { uploadFile, type StoredFile } from '../../shared/api/client';
import { bracketed, labelled, type Locale } from '../../case/language';
import { ProblemNotice } from '../../case/problem';
import { usePortalText } from '../text';
import { Button } from '../ui';

export const MAX_MB = 20;
const USUAL = '.jpg,.jpeg,.png,.pdf';

/** Does the name of a file end as the requirement allows? */
function fits(name: string, accept: string): boolean {
  const end = name.toLowerCase().split('.').pop() ?? '';
  return accept.toLowerCase().split(',').some((allowed) => allowed.trim() === `.${end}`);
}

export function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${(bytes / 1024 / 1024).toFixed(1)} MB` : `${String(Math.max(1, Math.round(bytes / 1024)))} KB`;
}

/** Name and size. */
export function fileText(file: { fileName: string; size: number }, locale: Locale): string {
  return `${file.fileName}${bracketed(locale, sizeText(file.size))}`;
}

interface FileInputProps {
  label: string;
  /** Endings that are allowed: `.pdf,.jpg`. */
  accept: string | null;
  file: { fileName: string; size: number } | undefined;
  error?: string | undefined;
  onUploaded: (file: StoredFile) => void;
  onRemove: () => void;
  /** An upload has begun, or has ended in either way. */
  onBusy: (busy: boolean) => void;
}

/** One file for one requirement: chosen, checked, uploaded at once, replaceable. */
export function FileInput({ label, accept, file, error, onUploaded, onRemove, onBusy }: FileInputProps): ReactElement {
  const { t, locale } = usePortalText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [uploading, setUploading] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const allowed = accept ?? USUAL;
  const [failed, setFailed] = useState<{ file: File; error: unknown } | null>(null);
  const upload = (chosen: File): void => {
    setFailed(null);
    if (!fits(chosen.name, allowed)) { setWrong(t('apply.wrongType', { types: allowed.replace(/[.]/g, '').replace(/,/g, ' ').toUpperCase() })); return; }
    if (chosen.size > MAX_MB * 1024 * 1024) { setWrong(t('apply.tooLarge', { size: MAX_MB })); return; }
    setWrong(null);
    setUploading(chosen.name);
    onBusy(true);
    uploadFile(chosen).then(onUploaded, (error: unknown) => setFailed({ file: chosen, error })).finally(() => { setUploading(null); onBusy(false); });
  };
  const message = wrong ?? error;
  return (
    <div className={`p-field${message ? ' p-field-wrong' : ''}`}>
      <input
        ref={input}
        id={id}
        type="file"
        className="lb-visually-hidden"
        accept={allowed}
        aria-label={labelled(locale, t(file ? 'apply.uploadOther' : 'apply.upload'), label)}
        aria-invalid={message ? true : undefined}
        aria-describedby={message ? `${id}-error` : undefined}
        disabled={uploading !== null}
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = '';
          if (chosen) upload(chosen);
        }}
      />
      <div className="p-upload">
        <label htmlFor={id} className="lb-button p-upload-button">{t(file ? 'apply.uploadOther' : 'apply.upload')}</label>
        {file ? <Button kind="quiet" onClick={onRemove} label={t('apply.removeNamed', { name: label })}>{t('apply.remove')}</Button> : null}
        <span role="status" className="p-upload-state">
          {uploading ? t('apply.uploading', { name: uploading }) : file ? t('apply.uploaded', { name: fileText(file, locale) }) : ''}
        </span>
      </div>
      {message ? <p id={`${id}-error`} className="p-error">{message}</p> : null}
      {failed ? (
        <>
          <p className="p-error">{t('apply.uploadFailed', { name: failed.file.name })}</p>
          <ProblemNotice error={failed.error} onRetry={() => upload(failed.file)} />
        </>
      ) : null}
    </div>
  );
}
