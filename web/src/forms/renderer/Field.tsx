import { type ReactNode } from 'react';

import { type Component, own } from '../../kernel';
import { useForm } from './context';
import { labelOf } from './data';

/** Attributes that tie a control to its hint and error. */
export interface ControlProps {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
  'aria-required'?: true;
}

function hintOf(component: Component, locale: 'zh' | 'en'): string | undefined {
  return (locale === 'en' ? own(component, 'helpEn') : undefined) ?? component.description ?? undefined;
}

export function controlProps(id: string, hint: boolean, error: boolean, required: boolean): ControlProps {
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return {
    id,
    ...(described ? { 'aria-describedby': described } : {}),
    ...(error ? { 'aria-invalid': true as const } : {}),
    ...(required ? { 'aria-required': true as const } : {}),
  };
}

interface FieldProps {
  component: Component;
  pointer: string;
  /** A group of controls (radio, checklist, region): fieldset and legend in place of a label. */
  group?: boolean;
  /** The control brings its own label (checkbox). */
  inlineLabel?: boolean;
  extraHint?: string | undefined;
  children: (props: ControlProps) => ReactNode;
}

/** Label, hint, control and error of one field, tied together for screen readers. */
export function Field({ component, pointer, group, inlineLabel, extraHint, children }: FieldProps): ReactNode {
  const { idOf, errorAt, stateOf, locale, t } = useForm();
  const id = idOf(pointer);
  const error = errorAt(pointer);
  const state = stateOf(pointer);
  const hint = [hintOf(component, locale), extraHint].filter(Boolean).join(' ');
  const help = own(component, 'help');
  const props = controlProps(id, hint !== '', error !== undefined, state.required);
  const label = (
    <>
      {labelOf(component, locale)}
      {state.required ? <span className="lb-form-required">{t('required')}</span> : null}
    </>
  );
  const hints = hint ? (
    <p className="lb-form-hint" id={`${id}-hint`}>
      {hint}
    </p>
  ) : null;
  const below = (
    <>
      {help ? (
        <details className="lb-form-help">
          <summary>{t('help')}</summary>
          <p>{help}</p>
        </details>
      ) : null}
      {error === undefined ? null : (
        <p className="lb-form-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </>
  );
  const attributes = { className: 'lb-form-field', 'data-width': own(component, 'width') ?? 'auto', 'data-invalid': error !== undefined || undefined };
  if (group) {
    return (
      <fieldset {...attributes} id={id} tabIndex={-1} aria-describedby={props['aria-describedby']}>
        <legend>{label}</legend>
        {hints}
        {children(props)}
        {below}
      </fieldset>
    );
  }
  return (
    <div {...attributes}>
      {inlineLabel ? null : <label htmlFor={id}>{label}</label>}
      {hints}
      {children(props)}
      {below}
    </div>
  );
}
