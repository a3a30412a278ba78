import { type ReactNode, useState } from 'react';

import { own, ownNumber } from '../../kernel';
import type { Json } from '../../kernel';
import { Problem } from '../../shared/api/client';
import { Field } from './Field';
import { type StoredFile, useForm } from './context';
import { valueAt } from './data';
import type { InputProps } from './inputs';

/** Size of a file as people read it. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(0)} KB` : `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')} MB`;
}

export function storedFiles(value: Json | undefined): StoredFile[] {
  return Array.isArray(value) ? (value as unknown as StoredFile[]) : [];
}

/** What happened and what to do next, as one text. */
function sentences(parts: readonly (string | undefined)[], locale: 'zh' | 'en'): string {
  const end = locale === 'zh' ? '。' : '. ';
  return parts.filter((part) => part !== undefined && part !== '').map((part) => part?.replace(/[。.]\s*$/, '')).join(end) + end.trim();
}

/** Chooses and uploads files at once; the data keeps what the server answered. */
export function FilesInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf, upload, announce, locale, t } = useForm();
  const [busy, setBusy] = useState('');
  const [failure, setFailure] = useState('');
  const files = storedFiles(valueAt(data, pointer));
  const limit = ownNumber(component, 'maxSizeKb');
  const hint = [
    component.accept ? t('file.types', { types: component.accept.replace(/,\s*/g, ' ') }) : '',
    limit === undefined ? '' : t('file.limit', { size: sizeText(limit * 1024) }),
  ].filter(Boolean).join(locale === 'zh' ? '；' : '; ');
  const add = async (chosen: readonly File[]): Promise<void> => {
    if (!upload) return;
    setFailure('');
    let kept = files;
    for (const file of chosen) {
      setBusy(t('file.uploading', { name: file.name }));
      try {
        const stored = await upload(file);
        kept = component.multiple ? [...kept, stored] : [stored];
        change(pointer, kept as unknown as Json);
        announce(t('file.uploaded', { name: file.name }));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const { document: told } = error;
        const parts = locale === 'en' ? [told.detailEn ?? told.titleEn, told.nextEn] : [told.detail ?? told.title, told.next];
        setFailure(t('file.failed', { name: file.name, reason: sentences(parts, locale) }));
      }
    }
    setBusy('');
    touch(pointer);
  };
  const remove = (file: StoredFile): void => {
    change(pointer, files.filter((kept) => kept.id !== file.id) as unknown as Json);
    touch(pointer);
  };
  return (
    <Field component={component} pointer={pointer} extraHint={hint}>
      {(props) => (
        <>
          <input
            {...props}
            className="lb-form-file lb-visually-hidden"
            type="file"
            accept={component.accept}
            multiple={component.multiple ?? false}
            disabled={stateOf(pointer).readonly || busy !== '' || !upload}
            data-material={own(component, 'material')}
            onChange={(event) => {
              const chosen = Array.from(event.target.files ?? []);
              event.target.value = '';
              void add(chosen);
            }}
          />
          <label className="lb-button" htmlFor={props.id}>
            {t('file.choose')}
          </label>
          <p role="status" className="lb-form-hint">
            {busy}
          </p>
          {failure ? (
            <p role="alert" className="lb-form-error">
              {failure}
            </p>
          ) : null}
          {files.length > 0 ? (
            <ul className="lb-form-files">
              {files.map((file) => (
                <li key={file.id}>
                  <span>
                    {file.name} <small className="lb-faint">{sizeText(file.size)}</small>
                  </span>
                  <button type="button" className="lb-button" data-kind="quiet" onClick={() => remove(file)}>
                    {t('file.remove', { name: file.name })}
                  </button>
                </li>
              ))}
            </ul>
          ) : null}
        </>
      )}
    </Field>
  );
}
