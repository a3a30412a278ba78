import { type ReactNode, useEffect, useRef } from 'react';

import { own, ownNumber } from '../../kernel';
import type { Json } from '../../kernel';
import { Components } from './Components';
import { useForm } from './context';
import { itemNameOf, labelOf, rowName, valueAt } from './data';
import type { InputProps } from './inputs';

/** A group that repeats: rows to add and remove, the focus following. */
export function ListInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, stateOf, errorAt, announce, idOf, locale, t } = useForm();
  const value = valueAt(data, pointer);
  const rows = Array.isArray(value) ? value : [];
  const state = stateOf(pointer);
  const id = idOf(pointer);
  const error = errorAt(pointer);
  const box = useRef<HTMLFieldSetElement>(null);
  const focus = useRef<number | 'add' | undefined>(undefined);
  const itemName = itemNameOf(component, locale);
  const addText = (locale === 'en' ? own(component, 'addLabelEn') : undefined) ?? own(component, 'addLabel');
  const nameOf = (index: number): string => rowName(component, index, locale, t);
  const min = ownNumber(component, 'minItems') ?? (state.required ? 1 : 0);
  const max = ownNumber(component, 'maxItems') ?? 200;

  useEffect(() => {
    if (rows.length < min && !state.readonly) {
      change(pointer, [...rows, ...Array.from({ length: min - rows.length }, (): Json => ({}))]);
    }
  });
  useEffect(() => {
    const target = focus.current;
    if (target === undefined) return;
    focus.current = undefined;
    const selector = target === 'add' ? ':scope > .lb-form-add' : `:scope > [data-row="${String(target)}"]`;
    box.current?.querySelector<HTMLElement>(selector)?.focus();
  }, [rows.length]);

  const add = (): void => {
    focus.current = rows.length;
    change(pointer, [...rows, {}]);
    announce(t('list.added', { item: nameOf(rows.length) }));
  };
  const remove = (index: number): void => {
    focus.current = 'add';
    change(pointer, rows.filter((_, at) => at !== index));
    announce(t('list.removed', { item: nameOf(index) }));
  };
  return (
    <fieldset ref={box} id={id} tabIndex={-1} className="lb-form-list" data-invalid={error !== undefined || undefined} aria-describedby={error ? `${id}-error` : undefined}>
      <legend>{labelOf(component, locale)}</legend>
      {component.description ? <p className="lb-form-hint">{component.description}</p> : null}
      {error ? (
        <p className="lb-form-error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
      {rows.length === 0 ? <p className="lb-form-hint">{t('list.none')}</p> : null}
      {rows.map((_, index) => (
        // Rows have no identity of their own in the data; the place is the identity.
        <fieldset key={index} className="lb-form-row" data-row={index} tabIndex={-1}>
          <legend>{nameOf(index)}</legend>
          <div className="lb-form-grid">
            <Components components={component.components ?? []} path={`${pointer}/${String(index)}`} />
          </div>
          {rows.length > min && !state.readonly ? (
            <button type="button" className="lb-button lb-form-remove" onClick={() => remove(index)}>
              {t('list.remove', { item: nameOf(index) })}
            </button>
          ) : null}
        </fieldset>
      ))}
      {rows.length < max && !state.readonly ? (
        <button type="button" className="lb-button lb-form-add" onClick={add}>
          {addText ?? (itemName ? t('list.addItem', { item: itemName }) : t('list.add'))}
        </button>
      ) : null}
    </fieldset>
  );
}
